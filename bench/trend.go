package main

import (
	"math"
	"slices"
)

// trend is what a series of figures does, judged without regard to how they are
// spread: a garbage collector's saw teeth, or one minute in which the machine
// was busy, do not count for more than their number.
//
// growth is Theil and Sen's slope, the median of the slopes of all pairs, times
// the number of steps. z is Mann and Kendall's statistic with its correction
// for ties: where there is no trend it is distributed about as the standard
// normal one.
type trend struct {
	growth, typical, z float64
}

// significant is the value of z that a series without a trend exceeds in one
// case of a hundred.
const significant = 2.326

// trendOf returns the trend of figures at equal distances. There have to be two
// of them at least.
func trendOf(figures []float64) trend {
	var slopes []float64
	score := 0.0
	for i, a := range figures {
		for j, b := range figures[i+1:] {
			slopes = append(slopes, (b-a)/float64(j+1))
			score += sign(b - a)
		}
	}
	slices.Sort(slopes)
	sorted := slices.Sorted(slices.Values(figures))
	t := trend{growth: middle(slopes) * float64(len(figures)-1), typical: middle(sorted)}
	if v := variance(sorted); v > 0 && score != 0 {
		t.z = (score - sign(score)) / math.Sqrt(v)
	}
	return t
}

// flat tells whether the figures do not rise: by no more than a share of what
// is typical or, of small figures, the slack; or by no more than chance.
func (t trend) flat(share, slack float64) bool {
	return t.growth <= max(share*t.typical, slack) || t.z < significant
}

// variance of the score of sorted figures that come in any order.
func variance(sorted []float64) float64 {
	of := func(n float64) float64 { return n * (n - 1) * (2*n + 5) / 18 }
	v, ties := of(float64(len(sorted))), 1.0
	for i := 1; i <= len(sorted); i++ {
		if i < len(sorted) && sorted[i] == sorted[i-1] {
			ties++
			continue
		}
		v -= of(ties)
		ties = 1
	}
	return v
}

func middle(sorted []float64) float64 {
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}
