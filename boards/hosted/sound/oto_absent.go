//go:build !((darwin && !ios) || windows || oto)

package sound

import (
	"errors"
	"runtime"
)

// otoReason says why this build has no oto device. On Linux oto needs cgo and ALSA's headers, which a plain build does without.
func otoReason() error {
	if runtime.GOOS == "linux" {
		return errors.New("not in this build; install libasound2-dev and a C compiler, and build with: go build -tags oto")
	}
	return errors.New("oto is not supported on " + runtime.GOOS)
}

func openOto(Config) (Device, error) {
	return nil, errors.Join(errors.New("sound: cannot open oto"), otoReason())
}
