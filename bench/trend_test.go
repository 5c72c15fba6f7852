package main

import (
	"math/rand/v2"
	"testing"
)

func TestTrend(t *testing.T) {
	t.Parallel()
	series := func(at func(i int) float64) []float64 {
		list := make([]float64, 20)
		for i := range list {
			list[i] = at(i)
		}
		return list
	}
	noise := rand.New(rand.NewPCG(1, 2))
	for name, test := range map[string]struct {
		figures []float64
		flat    bool
	}{
		"the same":                   {series(func(int) float64 { return 100 }), true},
		"noise":                      {series(func(int) float64 { return 100 + 20*noise.Float64() }), true},
		"saw teeth":                  {series(func(i int) float64 { return 100 + 10*float64(i%5) }), true},
		"one peak at the end":        {series(func(i int) float64 { return 100 + 1000*float64(i/19) }), true},
		"falling":                    {series(func(i int) float64 { return 100 - float64(i) }), true},
		"a rise too small to matter": {series(func(i int) float64 { return 100 + float64(i)/10 }), true},
		"a rise":                     {series(func(i int) float64 { return 100 + float64(i) }), false},
		"a rise in noise":            {series(func(i int) float64 { return 100 + 2*float64(i) + 20*noise.Float64() }), false},
		"a rise in saw teeth":        {series(func(i int) float64 { return 100 + 4*float64(i) + 10*float64(i%5) }), false},
		"steps":                      {series(func(i int) float64 { return 100 + 10*float64(i/5) }), false},
	} {
		if found := trendOf(test.figures); found.flat(0.05, 0) != test.flat {
			t.Errorf("%s: %+v, want flat %v", name, found, test.flat)
		}
	}
	if found := trendOf([]float64{0, 1, 2, 3, 4, 5, 6, 7}); !found.flat(0.05, 7) || found.flat(0.05, 6) || found.growth != 7 {
		t.Errorf("slack: %+v", found)
	}
}
