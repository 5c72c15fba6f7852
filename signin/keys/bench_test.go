package keys

import "testing"

func BenchmarkSign(b *testing.B) {
	for _, alg := range algorithms {
		b.Run(string(alg), func(b *testing.B) {
			r, _, _ := started(b)
			b.ReportAllocs()
			for b.Loop() {
				sign(b, r, alg)
			}
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	for _, alg := range algorithms {
		b.Run(string(alg), func(b *testing.B) {
			r, _, _ := started(b)
			token := sign(b, r, alg)
			b.ReportAllocs()
			for b.Loop() {
				must(b, verify(b, r, token))
			}
		})
	}
}
