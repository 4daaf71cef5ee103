package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// Variable is an environment variable that Terraform needs to reach a sandbox.
type Variable struct{ Name, Value string }

// Environment is all of them, in an order that stays the same.
type Environment []Variable

// Ways to print an environment.
const (
	formatShell  = "shell"  // export NAME=value, for eval
	formatDotenv = "dotenv" // NAME=value
	formatJSON   = "json"   // one object
)

var formats = []string{formatShell, formatDotenv, formatJSON}

// environment is what leads to the world that is served at a URL.
func (w *World) environment(url string) Environment {
	account, token := "", ""
	w.locked(func() {
		account = w.config.Accounts[0].ID
		for _, t := range w.config.Accounts[0].Tokens {
			if token == "" {
				token = t
			}
		}
	})
	return Environment{
		{"SPOTINST_ENDPOINT", url}, {"AWS_ENDPOINT_URL", url}, {"SPOTINST_ACCOUNT", account}, {"SPOTINST_TOKEN", token},
		{"AWS_REGION", w.config.Region}, {"AWS_ACCESS_KEY_ID", "AKIASANDBOX"}, {"AWS_SECRET_ACCESS_KEY", "sandbox"},
	}
}

// URL is where the sandbox is.
func (e Environment) URL() string { return e[0].Value }

// Format writes the environment in a format: "shell", "dotenv" or "json". Values that are more than plain characters are quoted.
func (e Environment) Format(format string) (string, error) {
	var b strings.Builder
	switch format {
	case formatShell:
		for _, v := range e {
			fmt.Fprintf(&b, "export %s=%s\n", v.Name, quoted(v.Value))
		}
	case formatDotenv:
		for _, v := range e {
			fmt.Fprintf(&b, "%s=%s\n", v.Name, quoted(v.Value))
		}
	case formatJSON:
		all := make(map[string]string, len(e))
		for _, v := range e {
			all[v.Name] = v.Value
		}
		text, err := json.MarshalIndent(all, "", "  ")
		if err != nil {
			return "", err
		}
		b.Write(append(text, '\n'))
	default:
		return "", fmt.Errorf("there is no format %q; there are %s", format, strings.Join(formats, ", "))
	}
	return b.String(), nil
}

// greeting is what the command prints when it serves. The line for people is a comment in a shell and in dotenv; JSON knows none.
func (e Environment) greeting(format string) string {
	text, err := e.Format(format)
	if err != nil {
		return err.Error() + "\n" // what the command line says has been checked
	}
	if format == formatJSON {
		return text
	}
	return fmt.Sprintf("# The sandbox is at %s/ (a page for browsers; %s/sandbox/ as text). Ctrl-C ends it.\n%s", e.URL(), e.URL(), text)
}

// quoted is a value as a shell takes it.
func quoted(value string) string {
	plain := value != "" && !strings.ContainsFunc(value, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:/._-", r)
	})
	if plain {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}

// serveEnvironment answers GET /sandbox/env?format=shell.
func serveEnvironment(w *World, rw http.ResponseWriter, r *http.Request) {
	format := r.URL.Query().Get("format")
	orText(&format, formatShell)
	text, err := w.environment("http://" + r.Host).Format(format)
	if err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprint(rw, text)
}
