package sqlstore

import (
	"fmt"

	"usher/identity"
)

// reindex brings user_values and unique_values in line with a claim whose
// metadata changed.
func reindex(tx Tx, tenant string, before, after identity.Claim, catalog *claimSet) error {
	uri := after.URI
	if uri == "" {
		uri = before.URI
	}
	if uri == identity.ClaimUsername || before.Unique == after.Unique && before.MultiValued == after.MultiValued {
		return nil
	}
	if _, err := tx.Exec(`DELETE FROM unique_values WHERE tenant = $1 AND claim = $2`, tenant, uri); err != nil {
		return err
	}
	if before.MultiValued != after.MultiValued {
		if err := splitAnew(tx, tenant, uri, catalog); err != nil {
			return err
		}
	}
	if !after.Unique {
		return nil
	}
	return makeUnique(tx, tenant, uri)
}

// makeUnique fills unique_values from the users' values.
func makeUnique(tx Tx, tenant, uri string) error {
	var shared int
	err := queryRow(tx, `SELECT count(*) FROM (SELECT value_key FROM user_values WHERE tenant = $1 AND claim = $2
		GROUP BY value_key HAVING count(*) > 1) d`, []any{tenant, uri}, &shared)
	if err != nil {
		return err
	}
	if shared > 0 {
		return fmt.Errorf("claim cannot become unique, %d values are shared by several users: %w",
			shared, &identity.TakenError{Claim: uri})
	}
	_, err = tx.Exec(`INSERT INTO unique_values (tenant, claim, value_key, user_seq)
		SELECT tenant, claim, value_key, user_seq FROM user_values WHERE tenant = $1 AND claim = $2`, tenant, uri)
	return err
}

// splitAnew replaces the rows of user_values of one claim.
func splitAnew(tx Tx, tenant, uri string, catalog *claimSet) error {
	type holder struct {
		seq    int64
		values []value
	}
	var holders []holder
	err := tx.Query(`SELECT `+userColumns+` FROM users u WHERE u.tenant = $1 AND u.seq IN
		(SELECT user_seq FROM user_values WHERE tenant = $1 AND claim = $2)`, []any{tenant, uri}, func(r Row) error {
		u, err := scanUser(r)
		if err != nil {
			return err
		}
		holders = append(holders, holder{u.seq, valuesOf(catalog, map[string]string{uri: u.Claims[uri]})})
		return nil
	})
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM user_values WHERE tenant = $1 AND claim = $2`, tenant, uri); err != nil {
		return err
	}
	for _, h := range holders {
		for i := range h.values {
			h.values[i].unique = false // makeUnique sees to that
		}
		if err := tx.Batch(insertValues(tenant, h.seq, h.values)...); err != nil {
			return err
		}
	}
	return nil
}
