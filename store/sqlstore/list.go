package sqlstore

import (
	"context"
	"errors"
	"slices"

	"usher/identity"
)

// ListUsers implements identity.Users. The total is counted only where the
// page does not tell it; of the unfiltered list it is known.
func (s *Store) ListUsers(ctx context.Context, q identity.Query) (page []identity.User, total int, err error) {
	q.Limit, q.Offset = max(q.Limit, 0), max(q.Offset, 0)
	where := &compiler{tenant: q.Tenant}
	where.write("u.tenant = ", where.param(q.Tenant))
	if q.Filter != nil {
		where.write(" AND ")
		if err := where.filter(q.Filter); err != nil {
			return nil, 0, err
		}
	}
	select {
	case s.lists <- struct{}{}:
		defer func() { <-s.lists }()
	case <-ctx.Done():
		return nil, 0, ctx.Err()
	}
	err = s.db.Read(ctx, func(tx Tx) error {
		if page, err = pageOfUsers(tx, q, where); err != nil {
			return err
		}
		if n := len(page); n < q.Limit && (n > 0 || q.Offset == 0) {
			total = q.Offset + n
			return nil
		}
		total, err = countUsers(tx, q, where)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	return page, total, nil
}

func pageOfUsers(tx Tx, q identity.Query, where *compiler) ([]identity.User, error) {
	if q.Limit == 0 {
		return nil, nil
	}
	c := &compiler{tenant: q.Tenant, args: slices.Clone(where.args)}
	c.write("SELECT ", userColumns, " FROM users u ")
	order := c.order(q)
	c.write(" WHERE ", where.sql.String(), " ORDER BY ", order,
		" LIMIT ", c.param(q.Limit), " OFFSET ", c.param(q.Offset))
	var page []identity.User
	err := tx.Query(c.sql.String(), c.args, func(r Row) error {
		u, err := scanUser(r)
		page = append(page, u.User)
		return err
	})
	return page, err
}

// order returns the terms of the ORDER BY clause and writes the join they
// need. Users without a value come last, or first when descending (RFC 7644,
// 3.4.2.3); the order of creation decides between equals.
func (c *compiler) order(q identity.Query) string {
	direction := ""
	if q.Descending {
		direction = " DESC"
	}
	bySeq := "u.seq" + direction
	columns := map[identity.Attribute]string{
		identity.AttrUsername: "u.username_key", identity.AttrID: "u.id",
		identity.AttrCreated: "u.created", identity.AttrModified: "u.modified",
		identity.AttrLocked: "u.locked", identity.AttrDisabled: "u.disabled",
	}
	if q.SortBy == "" {
		return bySeq
	}
	if column, ok := columns[q.SortBy]; ok {
		return column + direction + ", " + bySeq
	}
	column := "u.external_key"
	if q.SortBy != identity.AttrExternalID {
		column = "s.first"
		c.write("LEFT JOIN (SELECT user_seq, min(value_key) AS first FROM user_values WHERE tenant = ", c.param(c.tenant),
			" AND claim = ", c.param(string(q.SortBy)), " GROUP BY user_seq) s ON s.user_seq = u.seq")
	}
	return "(" + column + " IS NULL)" + direction + ", " + column + direction + ", " + bySeq
}

func countUsers(tx Tx, q identity.Query, where *compiler) (n int, err error) {
	if q.Filter != nil {
		err = queryRow(tx, `SELECT count(*) FROM users u WHERE `+where.sql.String(), where.args, &n)
		return n, err
	}
	err = queryRow(tx, `SELECT users FROM user_counts WHERE tenant = $1`, []any{q.Tenant}, &n)
	if errors.Is(err, errNoRow) {
		return 0, nil
	}
	return n, err
}
