package portal

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// countries.tsv has a line for each region: its code (ISO 3166-1), its calling
// code, and its names as CLDR has them in English, German, Spanish and French.
//
//go:embed countries.tsv
var countryTable string

// country is one of them, in a language.
type country struct {
	Region  string
	Dial    string // calling code without "+"; "" for none
	English string // what is submitted
	Says    string
}

// nameColumns are the columns of countries.tsv.
var nameColumns = map[string]int{english: 2, "de": 3, "es": 4, "fr": 5}

// countryLists has a list for each language, sorted by name.
var countryLists = sync.OnceValue(func() map[string][]country {
	lists := map[string][]country{}
	for tag, column := range nameColumns {
		var list []country
		for line := range strings.Lines(countryTable) {
			columns := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
			list = append(list, country{columns[0], columns[1], columns[2], columns[column]})
		}
		slices.SortFunc(list, func(a, b country) int { return strings.Compare(bare(a.Says), bare(b.Says)) })
		lists[tag] = list
	}
	return lists
})

// countriesIn returns the countries with their names in the language, English
// ones where there are none.
func countriesIn(tag string) []country {
	if list := countryLists()[tag]; list != nil {
		return list
	}
	return countryLists()[english]
}

// bare is a name as it is sorted: without accents and in lower case.
func bare(name string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(name)))
}
