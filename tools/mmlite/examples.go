package main

import (
	"strings"

	"github.com/alecthomas/kong"
)

// examples are what a person may want of a command, to be copied: a command line and
// what it is for, by the command's name.
var examples = map[string][][2]string{
	"play": {
		{"mmlite play", "the tune that comes along"},
		{"mmlite play song.mid jingle.wav", "your own, one after the other"},
		{"mmlite play --bank big.sf2 song.mid", "with the sounds of another bank"},
		{"mmlite play --out song.wav song.mid", "into a file, as fast as it goes"},
		{"mmlite --card usb: play --here song.mid", "on a board, heard here"},
	},
	"render": {
		{"mmlite render song.mid", "makes song.wav"},
		{"mmlite render --stems -o mix.wav song.mid", "and mix-01-piano.wav, ..."},
	},
	"midi": {
		{"mmlite midi --list", "what there is"},
		{"mmlite midi alsa:Keystation", "a keyboard, by a part of its name"},
		{"mmlite midi -", "bytes of MIDI from a pipe"},
	},
	"run": {
		{"mmlite run", "others open it: hosted:card"},
		{"mmlite run --web :8080", "and see it in a browser"},
		{"mmlite run --name b --screen-size 1024x768", "a second one: hosted:b"},
		{"mmlite run --video x.y4m --device wav:x.wav", "keep what it does"},
	},
	"boot": {
		{"mmlite boot", "a PC; others open it: pci:"},
		{"mmlite boot --wav x.wav --screen x.png", "keep what it plays and shows"},
		{"mmlite boot --board raspberrypi", "the image of that board"},
	},
	"record": {
		{"mmlite record -o x.wav", "until Ctrl-C"},
		{"mmlite record -o x.wav --seconds 10 --format s16", "for any player"},
	},
	"listen": {
		{"mmlite --card usb: listen", "a board without sound"},
		{"mmlite --card serial:/dev/ttyUSB0 listen --mono", "as much as it carries"},
	},
	"bank info":    {{"mmlite bank info big.sf2", "what is in it"}},
	"bank check":   {{"mmlite bank check big.sf2", "before a board is flashed with it"}},
	"bank convert": {{"mmlite bank convert big.sf2 big.dls", "for what reads DLS only"}},
	"shot": {
		{"mmlite shot -o x.png", "of the card that runs here"},
		{"mmlite shot -o - | display", "into another program"},
	},
	"demo": {
		{"mmlite demo", "open the address that it prints"},
		{"mmlite demo --seconds 60 mesh", "one scene, for a minute"},
		{"mmlite demo --shots pictures --silent", "keep a picture of each scene"},
		{"mmlite --card pci: demo", "on the display of a card that runs"},
	},
	"cards":   {{"mmlite cards", "what --card may be given here"}},
	"devices": {{"mmlite devices", "what --device may be given here"}},
	"ls": {
		{"mmlite ls", "what is at the top"},
		{"mmlite ls -l /status", "with contracts and references"},
	},
	"cat": {
		{"mmlite cat /status/threads", "a table"},
		{"mmlite cat --json /status/synth", "for a program"},
	},
	"status": {
		{"mmlite status", "all of /status"},
		{"mmlite --card hosted:card status --json", "for a program"},
	},
	"top": {
		{"mmlite top", "until Ctrl-C"},
		{"mmlite top --once --json", "one look, for a program"},
	},
	"monitor": {
		{"mmlite monitor", "what runs here, or a new card"},
		{"mmlite --card usb: monitor --listen :8080", "at a port that stays"},
	},
	"log": {{"mmlite log -f", "and what is added"}},
	"call": {
		{"mmlite call /synth", "what can be called"},
		{"mmlite call /echo Add 2 3", "with arguments"},
		{"mmlite call /synth BuiltIn then Info", "of the object that was returned"},
		{`mmlite call /synth Open '{"Name":"mine","Bank":null}' then Info`, ""},
	},
	"image build": {{"mmlite image build --board usbarmory", "makes usbarmory.mmimage"}},
	"image info":  {{"mmlite image info usbarmory.mmimage", ""}},
	"image sizes": {
		{"mmlite image sizes --board qemupc", "by folder"},
		{"mmlite image sizes --packages mmlite", "of any program of Go's, by package"},
	},
	"image sign": {{"mmlite image sign usbarmory.mmimage", ""}},
	"flash": {
		{"mmlite flash --board usbarmory --to /dev/sdX", "asks first"},
		{"mmlite flash --board raspberrypi --firmware boot --to pi.img", "a file"},
	},
	"bench rpc":      {{"mmlite bench rpc", "half a minute"}},
	"bench graphics": {{"mmlite bench graphics --only fill --png fill.png", "some of it, as a picture"}},
	"bench mixer":    {{"mmlite bench mixer --in 44100 --out 48000", ""}},
	"bench sched":    {{"mmlite bench sched --policy constraint --png wake.png", "as a picture"}},
	"bench synth":    {{"mmlite bench synth --bank big.sf2 song.mid", "your own bank and song"}},
	"plot": {
		{"mmlite plot x.wav", "makes x.png"},
		{"mmlite plot --from 10 --to 12 -o detail.png x.wav", "two seconds of it"},
	},
	"sim": {
		{"mmlite sim", "the task sets there are"},
		{"mmlite sim overload --png overload.png", "a picture for each policy"},
		{"mmlite sim overload --print", "as a text, to begin your own from"},
		{"mmlite sim --policy edf mine.tasks", "your own, under one policy"},
	},
	"trace": {
		{"mmlite trace --png t.png", "of a new card, with music"},
		{"mmlite --card hosted:card trace --png t.png", "of one that runs"},
		{"mmlite trace --seconds 1 -o t.json", "for ui.perfetto.dev"},
	},
	"soak link": {
		{"mmlite soak", "100 million calls"},
		{"mmlite soak --seconds 60", "a minute of them"},
	},
	"soak audio": {{"mmlite soak audio --minutes 1 --policy constraint", ""}},
	"settings":   {{"mmlite settings", "where they are, and what they may be"}},
}

// addExamples puts them under the help of their commands.
func addExamples(n *kong.Node, path string) {
	for _, child := range n.Children {
		addExamples(child, strings.TrimSpace(path+" "+child.Name))
	}
	list := examples[path]
	if len(list) == 0 {
		return
	}
	wide := 0
	for _, e := range list {
		if e[1] != "" {
			wide = max(wide, len(e[0]))
		}
	}
	var b strings.Builder
	for _, e := range list {
		b.WriteString("\n  " + strings.TrimRight(e[0]+strings.Repeat(" ", max(wide-len(e[0]), 0))+"   "+e[1], " "))
	}
	if n.Detail != "" {
		n.Detail += "\n\n"
	}
	n.Detail += strings.TrimPrefix(b.String(), "\n")
}
