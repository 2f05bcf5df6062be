//go:build !amd64 || purego

package render

import "github.com/mmlite/mmlite/graphics/raster"

// Here there are no vector functions: the portable ones do everything.

func fetchFast(*[3]lane, []byte, int, int) int { return 0 }

func clipFast(*[4]lane, *[3]lane, *matrix, int) int { return 0 }

func eyeFast(_, _ *[3]lane, _ *matrix, _ int) int { return 0 }

func turnFast(_, _ *[3]lane, _ *matrix, _ int) int { return 0 }

func unitFast(_, _ *[3]lane, _ uint32, _ int) int { return 0 }

func faceFast(*lane, *[3]lane, *[3]float32, float32, int) int { return 0 }

func aimFast(*lanes, *[8]float32, int) int { return 0 }

func halfWayFast(*lane, *[3]lane, *[3]lane, *[3]lane, int) int { return 0 }

func shineFast(*lane, *lane, *lane, float32, int) int { return 0 }

func addFast(*[3]lane, *[3]float32, *lane, int) int { return 0 }

func toneFast(*[block]uint32, *[3]lane, *[4]lane, *[3]lane, *[4]lane, *[4]lane, *lane, int) int {
	return 0
}

func projectFast([]raster.Vertex, []spot, *[4]lane, *[8]float32) int { return 0 }

func scatterFast([]raster.Vertex, *[block]uint32, *[block]uint32) int { return 0 }
