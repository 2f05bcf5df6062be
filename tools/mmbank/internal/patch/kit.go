package patch

// drums is the standard kit of General MIDI, keys 35 to 81.
func drums() []Drum {
	crash, ride, hat := crash(), ride(), hatOpen()
	tomWave, wood, agogo, pea := tom(), woodblock(1), agogoBell(), whistle()
	bongo := hand(410, 0.07, 0.8, 2400, 0, 60)
	conga := hand(232, 0.13, 0.5, 1500, 0, 63)
	timbale := hand(330, 0.13, 0.9, 3000, 0.8, 65)
	steel := triangle()
	// Cymbals darken as they ring.
	shimmer := Filter{Hertz: 1700, Velocity: 1500, Strike: 3000, Fall: 2.6}
	tick := Filter{Hertz: 2800, Velocity: 1500, Strike: 2200, Fall: 2.2}
	return []Drum{
		{Key: 35, Name: "Kick 2", Wave: kick(45, 2.8, 0.15, 0.7, 35)},
		{Key: 36, Name: "Kick 1", Wave: kick(50, 3.4, 0.115, 1, 36)},
		{Key: 37, Name: "Side Stick", Wave: sideStick(), Pan: -0.1},
		{Key: 38, Name: "Snare 1", Wave: snare(185, 1.1, 0.65, 2600, 0.085, 38), Trim: 2.5},
		{Key: 39, Name: "Hand Clap", Wave: clap(), Pan: 0.1, Trim: 2},
		{Key: 40, Name: "Snare 2", Wave: snare(225, 1, 0.75, 3400, 0.065, 40), Trim: 2.5},
		{Key: 41, Name: "Low Floor Tom", Wave: tomWave, Tune: -500, Decay: 2.8, Pan: 0.5},
		{Key: 42, Name: "Closed Hi-hat", Wave: hatClosed(0.17, 1.2, 42), Group: 1, Pan: -0.3, Trim: -4.5},
		{Key: 43, Name: "High Floor Tom", Wave: tomWave, Tune: -300, Decay: 2.8, Pan: 0.4},
		{Key: 44, Name: "Pedal Hi-hat", Wave: hatClosed(0.13, 0.3, 44), Group: 1, Pan: -0.3, Trim: -4.5},
		{Key: 45, Name: "Low Tom", Wave: tomWave, Tune: -50, Decay: 2.8, Pan: 0.2},
		{Key: 46, Name: "Open Hi-hat", Wave: hat, Decay: 2.1, Filter: tick, Group: 1, Pan: -0.3, Trim: -4.5},
		{Key: 47, Name: "Low-mid Tom", Wave: tomWave, Tune: 200, Decay: 2.8, Pan: 0},
		{Key: 48, Name: "Hi-mid Tom", Wave: tomWave, Tune: 450, Decay: 2.8, Pan: -0.15},
		{Key: 49, Name: "Crash 1", Wave: crash, Decay: 5, Filter: shimmer, Pan: -0.35},
		{Key: 50, Name: "High Tom", Wave: tomWave, Tune: 700, Decay: 2.8, Pan: -0.3},
		{Key: 51, Name: "Ride 1", Wave: ride, Decay: 6, Filter: tick, Pan: 0.35, Trim: -6},
		{Key: 52, Name: "China", Wave: china(), Decay: 3.6, Filter: shimmer, Pan: 0.4},
		{Key: 53, Name: "Ride Bell", Wave: rideBell(), Decay: 5, Filter: tick, Pan: 0.35, Trim: -4},
		{Key: 54, Name: "Tambourine", Wave: jingles(), Pan: 0.2, Trim: 2},
		{Key: 55, Name: "Splash", Wave: crash, Tune: 500, Decay: 2, Filter: shimmer, Pan: -0.2},
		{Key: 56, Name: "Cowbell", Wave: cowbell(), Pan: 0.15},
		{Key: 57, Name: "Crash 2", Wave: crash, Tune: -250, Decay: 5.5, Filter: shimmer, Pan: 0.35},
		{Key: 58, Name: "Vibraslap", Wave: vibraslap(), Pan: -0.3},
		{Key: 59, Name: "Ride 2", Wave: ride, Tune: 150, Decay: 5, Filter: tick, Pan: 0.4, Trim: -6},
		{Key: 60, Name: "High Bongo", Wave: bongo, Pan: -0.4},
		{Key: 61, Name: "Low Bongo", Wave: bongo, Tune: -450, Pan: -0.35},
		{Key: 62, Name: "Mute Conga", Wave: hand(245, 0.04, 1, 1700, 0, 62), Pan: 0.35},
		{Key: 63, Name: "High Conga", Wave: conga, Pan: 0.35},
		{Key: 64, Name: "Low Conga", Wave: conga, Tune: -450, Pan: 0.3},
		{Key: 65, Name: "High Timbale", Wave: timbale, Pan: 0.25},
		{Key: 66, Name: "Low Timbale", Wave: timbale, Tune: -500, Pan: 0.3},
		{Key: 67, Name: "High Agogo", Wave: agogo, Pan: -0.3},
		{Key: 68, Name: "Low Agogo", Wave: agogo, Tune: -500, Pan: -0.3},
		{Key: 69, Name: "Cabasa", Wave: shake(0.11, 6500, 0.9, 0.022, 0.022, 69), Pan: -0.3},
		{Key: 70, Name: "Maracas", Wave: shake(0.1, 8000, 1, 0.012, 0.02, 70), Pan: -0.35},
		{Key: 71, Name: "Short Whistle", Wave: pea, Decay: 1.6, Group: 2, Pan: 0.3, Trim: 3},
		{Key: 72, Name: "Long Whistle", Wave: pea, Decay: 7, Group: 2, Pan: 0.3, Trim: 3},
		{Key: 73, Name: "Short Guiro", Wave: scrape(0.11, 75, 2600, 1.6, 73), Group: 3, Pan: 0.25},
		{Key: 74, Name: "Long Guiro", Wave: scrape(0.26, 52, 2400, 1.6, 74), Group: 3, Pan: 0.25},
		{Key: 75, Name: "Claves", Wave: claves(), Pan: 0.2, Trim: 1.5},
		{Key: 76, Name: "High Wood Block", Wave: wood, Tune: 150, Pan: 0.4},
		{Key: 77, Name: "Low Wood Block", Wave: wood, Tune: -350, Pan: 0.4},
		{Key: 78, Name: "Mute Cuica", Wave: cuica(420, 560, 0.13, 78), Group: 4, Pan: -0.2, Trim: 2},
		{Key: 79, Name: "Open Cuica", Wave: cuica(300, 560, 0.26, 79), Group: 4, Pan: -0.2},
		{Key: 80, Name: "Mute Triangle", Wave: steel, Decay: 1.1, Group: 5, Pan: -0.4, Trim: -4},
		{Key: 81, Name: "Open Triangle", Wave: steel, Decay: 7, Group: 5, Pan: -0.4, Trim: -3},
	}
}
