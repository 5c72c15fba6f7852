package identity

// Query selects users of a tenant.
type Query struct {
	Tenant string
	// Filter may be nil: every user.
	Filter Filter
	// SortBy names what to sort by; the zero value is the order of creation.
	SortBy     Attribute
	Descending bool
	// Offset is how many matches to skip, Limit how many to return at most
	// (0: only count).
	Offset, Limit int
}

// Attribute is something of a user that a query can look at: a claim's URI, or
// one of the fixed attributes.
type Attribute string

const (
	AttrUsername   Attribute = ClaimUsername
	AttrID         Attribute = "id"
	AttrExternalID Attribute = "externalId"
	AttrCreated    Attribute = "meta.created"      // values are RFC 3339
	AttrModified   Attribute = "meta.lastModified" // values are RFC 3339
	AttrLocked     Attribute = "accountLocked"     // values are true and false
	AttrDisabled   Attribute = "accountDisabled"   // values are true and false
)

// Filter is a condition on users, in the terms of RFC 7644, 3.4.2.2: one of
// Compare, Present, And, Or and Not.
type Filter interface{ filter() }

// Op is a comparison operator. Text is compared by ValueKey, that is without
// regard to case.
type Op string

const (
	Equal          Op = "eq"
	NotEqual       Op = "ne"
	Contains       Op = "co"
	StartsWith     Op = "sw"
	EndsWith       Op = "ew"
	Greater        Op = "gt"
	GreaterOrEqual Op = "ge"
	Less           Op = "lt"
	LessOrEqual    Op = "le"
)

// Compare holds where a value of the attribute compares so with Value. For a
// claim with several values, one that fits is enough (for NotEqual: none is
// equal, and an absent one is not equal either).
type Compare struct {
	Attribute Attribute
	Op        Op
	Value     string
}

// Present holds where the attribute has a value.
type Present struct{ Attribute Attribute }

// And holds where both filters hold.
type And struct{ Left, Right Filter }

// Or holds where either filter holds.
type Or struct{ Left, Right Filter }

// Not holds where the filter does not.
type Not struct{ Filter Filter }

func (Compare) filter() {}
func (Present) filter() {}
func (And) filter()     {}
func (Or) filter()      {}
func (Not) filter()     {}
