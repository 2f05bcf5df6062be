// Command mmvet finds Go's own blocking in code that runs on threads of a card,
// where it stops a whole virtual processor.
//
//	go run ./tools/mmvet ./...
//
// With packages it has go vet run it over them, which reads flags of go vet too;
// it is also what go vet -vettool expects. What it looks for, and how to tell it
// about exceptions, is in package threadcode.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/mmlite/mmlite/tools/mmvet/threadcode"
)

func main() {
	if !forVet(os.Args[1:]) {
		os.Exit(vet(os.Args[1:]))
	}
	unitchecker.Main(threadcode.Analyzer)
}

// forVet reports whether the arguments are those of go vet's own protocol or ask
// for help.
func forVet(args []string) bool {
	if len(args) == 0 || args[0] == "help" {
		return true
	}
	for _, a := range args {
		if strings.HasSuffix(a, ".cfg") || a == "-flags" || strings.HasPrefix(a, "-V") {
			return true
		}
	}
	return false
}

// vet runs go vet with this program over packages, and returns its exit code.
func vet(args []string) int {
	self, err := os.Executable()
	if err == nil {
		cmd := exec.Command("go", append([]string{"vet", "-vettool=" + self}, args...)...)
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		err = cmd.Run()
	}
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	fmt.Fprintln(os.Stderr, "mmvet:", err)
	return 1
}
