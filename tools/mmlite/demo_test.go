package main

import (
	"encoding/json"
	"image/png"
	"os"
	"strings"
	"testing"
)

func TestDemo(t *testing.T) {
	dir := t.TempDir()
	out, errs, err := mmlite(t, dir, "--json", "demo", "--seconds", "0.5", "--web", "none", "--device", "null", "--shots", dir+"/shots")
	if err != nil {
		t.Fatalf("%v\n%s", err, errs)
	}
	var r demoReport
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("%v of %q", err, out)
	}
	if len(r.Scenes) != len(demoScenes) || len(r.Shots) != len(demoScenes) || r.Composed == 0 || r.Music == "" || len(r.Load) == 0 {
		t.Errorf("%+v", r)
	}
	for _, s := range r.Scenes {
		if s.Frames == 0 || s.Figures == "" {
			t.Errorf("%+v", s)
		}
	}
	for _, name := range r.Shots {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(f)
		f.Close()
		if err != nil || img.Bounds().Dx() != 640 {
			t.Fatalf("%s: %v", name, err)
		}
		// None is of one colour.
		first, same := img.At(0, 0), true
		for y := range img.Bounds().Dy() {
			for x := range 640 {
				same = same && img.At(x, y) == first
			}
		}
		if same {
			t.Errorf("there is nothing to see on %s", name)
		}
	}
}

func TestDemoRefuses(t *testing.T) {
	dir := t.TempDir()
	for want, args := range map[string][]string{
		"--seconds":      {"demo", "--seconds", "-1"},
		"--video":        {"--card", "hosted:x", "demo", "--video", dir + "/x.y4m"},
		"--web is for":   {"--card", "usb:", "demo", "--web", ":0"},
		"must be one of": {"demo", "opera"},
		"no card called": {"--card", "hosted:nobody", "demo"},
	} {
		if _, errs, err := mmlite(t, dir, args...); err == nil || !strings.Contains(errs, want) {
			t.Errorf("%v: %v, %q", args, err, errs)
		}
	}
}
