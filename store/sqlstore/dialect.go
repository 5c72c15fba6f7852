package sqlstore

// Dialect holds the words in which databases differ. The zero value is
// SQLite's, where one transaction writes at a time: nothing has to be locked.
type Dialect struct {
	// ForUpdate ends a SELECT whose row is about to be changed.
	ForUpdate string
	// SkipLocked ends a SELECT of rows to be claimed by one of many workers.
	SkipLocked string
	// Together and Alone are statements that wait until nobody, or nobody but
	// others who came Together, has what $1 names, and have it until the end of
	// the transaction.
	Together, Alone string
	// Columns is the query for the names of the columns of table $1.
	Columns string
	// Renumber is the statement, a format of table and column, by which the
	// numbers that the database gives rows go on after the greatest there is.
	Renumber string
	// LastID is the expression for the number that the database gave the row
	// that was inserted just before.
	LastID string
}

// among is the condition that a column is one of the first rows of a query,
// which nobody else is working on.
func (d Dialect) among(query string) string {
	if d.SkipLocked == "" {
		return " IN (" + query + ")"
	}
	// Unlike a subquery after IN, an array is made once whatever the plan.
	return " = ANY (ARRAY(" + query + d.SkipLocked + "))"
}

// lock is Together or Alone for what has the name.
func lock(statement, name string) []Statement {
	if statement == "" {
		return nil
	}
	return []Statement{{Query: statement, Args: []any{name}, Row: func(Row) error { return nil }}}
}

// lockClaims is Together or Alone for a tenant's claims.
func lockClaims(statement, tenant string) []Statement { return lock(statement, "claims of "+tenant) }
