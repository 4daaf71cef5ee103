package pages

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// askLinks names the variable of the environment with which addresses are not only looked at but asked, as by make audit.
const askLinks = "LINKS_ASKED"

// raw is where the registry takes pictures from.
const raw = "https://raw.githubusercontent.com/elastigroup/terraform-provider-elastigroup/main/"

var addresses = regexp.MustCompile("https?:[^\\s\"'`<>()|\\\\\\]…]*")

// external are the addresses in what is published and in what it is made of, each with a file that has it.
func external(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, from := range []string{"README.md", "CONTRIBUTING.md", "SECURITY.md", "RELEASING.md", "ARCHITECTURE.md", "CHANGELOG.md", "templates", "examples", "schema", ".github", ".goreleaser.yml", "docs"} {
		err := filepath.WalkDir(filepath.Join(root, from), func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			text, err := os.ReadFile(file)
			for _, address := range addresses.FindAllString(string(text), -1) {
				address = strings.TrimRight(address, ".,;:")
				if found[address] == "" {
					found[address] = strings.TrimPrefix(filepath.ToSlash(file), root+"/")
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(found) < 40 {
		t.Fatalf("only %d addresses are found", len(found))
	}
	return found
}

// pretended tells whether a host is there to be read only: an example's, or this machine.
func pretended(host string) bool {
	return host == "localhost" || strings.HasPrefix(host, "127.") || host == "ci.example" || host == "example.com" || strings.HasSuffix(host, ".example.com") || strings.HasSuffix(host, ".example")
}

// misformed says what is wrong with an address as it is written; "" if nothing is.
func misformed(address string) string {
	at, err := url.Parse(address)
	switch {
	case err != nil:
		return err.Error()
	case at.Hostname() == "" || at.User != nil:
		return "it is not the address of a page"
	case pretended(at.Hostname()):
		return ""
	case at.Scheme != "https":
		return "it is not https"
	case !strings.Contains(at.Host, ".") || at.Host != strings.ToLower(at.Host) || at.Port() != "":
		return "its host is none"
	case strings.Contains(strings.TrimPrefix(address, "https://"), "//"):
		return "it has a slash too many"
	}
	if file, ours := strings.CutPrefix(address, raw); ours {
		if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(file))); err != nil {
			return "there is no such file"
		}
	}
	return ""
}

// TestExternalLinks looks at each address outside, and asks it where that is wanted: make audit does.
func TestExternalLinks(t *testing.T) {
	all := external(t)
	for _, address := range slices.Sorted(maps.Keys(all)) {
		if wrong := misformed(address); wrong != "" {
			t.Errorf("%s: %s: %s", all[address], address, wrong)
		}
	}
	for _, wrong := range []string{"http://docs.spot.io/", "https://docs", "https://docs.spot.io//elastigroup", "https://Docs.spot.io/", "https:/docs.spot.io/", raw + "pictures/none.svg"} {
		if misformed(wrong) == "" {
			t.Errorf("%s is let pass", wrong)
		}
	}
	if os.Getenv(askLinks) == "" {
		return
	}
	answered := 0
	var silent []string
	for _, address := range slices.Sorted(maps.Keys(all)) {
		at, err := url.Parse(address)
		if err != nil || pretended(at.Hostname()) || at.Hostname() == "api.spotinst.io" || strings.HasPrefix(address, home) || strings.HasPrefix(address, raw) || address+"/" == home {
			continue // ours are followed as files, and the API wants a token
		}
		switch err := answers(t.Context(), address); {
		case err == nil:
			answered++
		case errors.Is(err, errNoPage):
			answered++
			t.Errorf("%s: %s: %v", all[address], address, err)
		default: // it may be back tomorrow
			silent = append(silent, fmt.Sprintf("%s: %s: %v", all[address], address, err))
		}
	}
	if answered == 0 {
		t.Skipf("nothing answers: there is no network here, %d addresses are not asked", len(silent))
	}
	for _, s := range silent {
		t.Log(s)
	}
}

// errNoPage is that a host answers, and not with the page.
var errNoPage = errors.New("there is no such page")

func TestLinksAreAsked(t *testing.T) {
	for status, there := range map[int]bool{200: true, 403: true, 429: true, 404: false, 410: false} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		if err := answers(t.Context(), server.URL); (err == nil) != there || !there && !errors.Is(err, errNoPage) {
			t.Errorf("%d: %v", status, err)
		}
		server.Close()
	}
}

// answers asks for a page. That too many ask, or that a robot may not, is an answer: the page is there.
func answers(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", "Mozilla/5.0 (compatible; terraform-provider-elastigroup link check)")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, 1<<10)
	switch resp.StatusCode {
	case http.StatusNotFound, http.StatusGone, http.StatusBadRequest:
		return fmt.Errorf("%w: %s", errNoPage, resp.Status)
	}
	return nil
}
