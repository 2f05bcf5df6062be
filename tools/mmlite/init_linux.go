package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"

	"golang.org/x/sys/unix"
)

// initCmd is the first process of a computer that holds nothing but this program: the
// PC of a card PC, whose kernel starts it from a RAM disk.
type initCmd struct {
	Args []string `arg:"" optional:"" passthrough:"" help:"The command to run, after --."`
}

// Run implements kong.
func (c *initCmd) Run(ctx context.Context) error {
	if os.Getpid() != 1 {
		return fmt.Errorf("mmlite init is for the first process of a computer")
	}
	for _, m := range []struct{ kind, at string }{{"proc", "/proc"}, {"sysfs", "/sys"}, {"devtmpfs", "/dev"}, {"tmpfs", "/tmp"}} {
		if err := os.MkdirAll(m.at, 0o755); err != nil {
			return err
		}
		if err := unix.Mount(m.kind, m.at, m.kind, 0, ""); err != nil {
			fmt.Println("mmlite init:", m.at, err)
		}
	}
	args := os.Args[2:] // with the flags, which are for the command
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	cmd := exec.CommandContext(ctx, "/proc/self/exe", args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = []string{"HOME=/tmp", "TERM=dumb"}
	if err := cmd.Run(); err != nil {
		fmt.Println("mmlite init: failed:", err)
	} else {
		fmt.Println("mmlite init: done")
	}
	unix.Sync()
	return unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF)
}
