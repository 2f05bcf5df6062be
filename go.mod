module github.com/mmlite/mmlite

go 1.26.0

require (
	github.com/alecthomas/kong v1.12.1
	github.com/coder/websocket v1.8.15
	github.com/ebitengine/oto/v3 v3.4.0
	github.com/go-audio/audio v1.0.0
	github.com/go-audio/wav v1.1.0
	github.com/godbus/dbus/v5 v5.2.4
	github.com/google/gousb v1.1.3
	github.com/jfreymuth/pulse v0.1.1
	github.com/schollz/progressbar/v3 v3.18.0
	github.com/usbarmory/tamago v1.26.0
	gitlab.com/gomidi/midi/v2 v2.3.16
	go.uber.org/goleak v1.3.0
	golang.org/x/image v0.32.0
	golang.org/x/sys v0.37.0
	golang.org/x/term v0.36.0
	golang.org/x/tools v0.38.0
	pgregory.net/rapid v1.2.0
)

require (
	github.com/ebitengine/purego v0.9.0 // indirect
	github.com/go-audio/riff v1.0.0 // indirect
	github.com/mitchellh/colorstring v0.0.0-20190213212951-d06e56a500db // indirect
	github.com/rivo/uniseg v0.4.7 // indirect
)

tool github.com/usbarmory/tamago/cmd/tamago
