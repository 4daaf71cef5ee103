package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

// serveWhile serves the world while a command runs in its environment, and returns what that returns.
//
// A Ctrl-C in a terminal reaches the command by itself, as it does everything that runs there, and a second one would make Terraform give up
// without a word; so it is not handed on. SIGTERM reaches this process alone, and becomes the command's interrupt.
func serveWhile(listener net.Listener, w *World, command []string, env Environment, stdout, stderr io.Writer) int {
	serving, stop := context.WithCancel(context.Background())
	served := make(chan int, 1)
	go func() { served <- serveUntil(serving, listener, w, stderr) }()
	defer func() {
		stop()
		<-served
	}()

	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	child := exec.CommandContext(serving, command[0], command[1:]...)
	child.Env = os.Environ()
	for _, v := range env {
		child.Env = append(child.Env, v.Name+"="+v.Value)
	}
	child.Stdin, child.Stdout, child.Stderr = os.Stdin, stdout, stderr
	// From its start on the command writes there, too.
	fmt.Fprintf(stderr, "sandbox: it is at %s/ while %s runs\n", env.URL(), command[0])
	if err := child.Start(); err != nil {
		fmt.Fprintf(stderr, "sandbox: running %s: %v\n", command[0], err)
		return 127
	}
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	for {
		select {
		case s := <-signals:
			if s == syscall.SIGTERM && child.Process.Signal(os.Interrupt) != nil {
				_ = child.Process.Kill() // Windows knows no interrupts; if it has ended already, so much the better
			}
		case err := <-ended:
			return exitCode(err, command[0], stderr)
		}
	}
}

func exitCode(err error, command string, stderr io.Writer) int {
	var failed *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &failed) && failed.ExitCode() >= 0:
		return failed.ExitCode()
	}
	fmt.Fprintf(stderr, "sandbox: %s ended: %v\n", command, err)
	return 1
}
