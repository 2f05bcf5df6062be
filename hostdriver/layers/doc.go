// Package layers is image layers for host programs, as Talisman's programs used them
// (Torborg and Kajiya, SIGGRAPH 1996; Lengyel and Snyder, "Rendering with Coherent
// Layers", SIGGRAPH 1997): every thing that moves on its own is drawn into a picture
// of its own, once, and while it moves the card warps that picture, until the warp
// no longer looks like the thing and it is drawn again.
//
//	scene, err := layers.New(ctx, device)
//	ship, err := scene.Add(ctx, layers.Options{Width: 128, Height: 128, Draw: draw})
//	for {
//		ship.Pose(corners)      // where its characteristic points are now, on the screen
//		scene.Frame(ctx)        // the card chooses what is drawn; draw is called for that
//		screen.WaitBlank(ctx)
//	}
//
// A layer's characteristic points say what becomes of it: the corners of a box around
// the thing, or of its hull, projected onto the screen. From where they were when the
// picture was drawn and where they are now, Fit finds the affine warp between in
// least squares. How far that is off (Off: the geometric fiducial), how much it
// stretches the picture's pixels (Stretch: the sampling fiducial), and what the
// program adds (Layer.Change: the photometric one, for light that changed) is the
// layer's error; the card weighs it against what drawing costs, and has it drawn, at
// full or lower resolution, or warped.
package layers
