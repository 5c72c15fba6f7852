package sqlstore

// nextRevision takes the next number of the tenant for a change that is made in
// tx. Whoever has it keeps others waiting until tx ends, so it is the first
// thing that a change does.
func nextRevision(tx Tx, tenant string) (revision int64, err error) {
	err = queryRow(tx, `INSERT INTO revisions (tenant, last) VALUES ($1, 1)
		ON CONFLICT (tenant) DO UPDATE SET last = revisions.last + 1 RETURNING last`, []any{tenant}, &revision)
	return revision, err
}
