package valkey

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/gomodule/redigo/redis"

	"usher/flow"
)

// purgeLimit bounds what one call of DeleteExpiredExecutions deletes, so that
// nobody waits for it long.
const purgeLimit = 200

var (
	createScript  = load("create", 3)
	leaseScript   = load("lease", 1)
	commitScript  = load("commit", 3)
	releaseScript = load("release", 1)
	purgeScript   = load("purge", -1)
)

// execution is the key of an execution: a hash of its fields, and of its
// answers.
func (s *Store) execution(tenant, id string) string { return s.prefix + "x:" + joined(tenant, id) }

// field is that of an answer.
func field(answer string) string { return "answer " + answer }

func (s *Store) expiring() string { return s.prefix + "expiring" }
func (s *Store) counts() string   { return s.prefix + "counts" }

// CreateExecution implements flow.Executions.
func (s *Store) CreateExecution(ctx context.Context, x *flow.Execution, answer *flow.Answer, _ bool) error {
	args := []any{
		s.execution(x.Tenant, x.ID), s.expiring(), s.counts(),
		rand.Text(), string(x.Flow), x.Version, x.Revision, x.Expires.UnixMicro(), x.Ended, x.State, tally(x.Tenant, x.Flow),
	}
	n, err := redis.Int(s.run(ctx, createScript, withAnswer(args, answer)...))
	if err == nil && n == 0 {
		err = errors.New("there is an execution of that id")
	}
	return err
}

// CommitExecution implements flow.Executions.
func (s *Store) CommitExecution(ctx context.Context, x *flow.Execution, answer *flow.Answer, _ bool) error {
	args := []any{
		s.execution(x.Tenant, x.ID), s.expiring(), s.counts(),
		rand.Text(), x.Revision, x.Revision + 1, x.Expires.UnixMicro(), x.Ended, x.State,
	}
	n, err := redis.Int(s.run(ctx, commitScript, withAnswer(args, answer)...))
	if err == nil && n == 0 {
		err = flow.ErrLeased
	}
	return err
}

func withAnswer(args []any, answer *flow.Answer) []any {
	if answer == nil {
		return args
	}
	return append(args, field(answer.Key), answer.Body)
}

// LeaseExecution implements flow.Executions.
func (s *Store) LeaseExecution(ctx context.Context, tenant, id string, now, until time.Time) (*flow.Execution, error) {
	reply, err := s.run(ctx, leaseScript, s.execution(tenant, id), rand.Text(), now.UnixMicro(), until.UnixMicro())
	switch {
	case err != nil:
		return nil, err
	case reply == int64(0):
		return nil, flow.ErrNoExecution
	case reply == int64(1):
		return nil, flow.ErrLeased
	}
	x := &flow.Execution{Tenant: tenant, ID: id}
	values, err := redis.Values(reply, nil)
	if err != nil {
		return nil, err
	}
	var t string
	var expires int64
	if _, err := redis.Scan(values, &t, &x.Version, &x.Revision, &expires, &x.State); err != nil {
		return nil, fmt.Errorf("stored execution: %w", err)
	}
	x.Flow, x.Expires = flow.Type(t), time.UnixMicro(expires).UTC()
	return x, nil
}

// ReleaseExecution implements flow.Executions.
func (s *Store) ReleaseExecution(ctx context.Context, x *flow.Execution) error {
	_, err := s.run(ctx, releaseScript, s.execution(x.Tenant, x.ID), x.Revision)
	return err
}

// FindAnswer implements flow.Executions. The answers of an expired execution
// are no longer found, whether purged or not.
func (s *Store) FindAnswer(ctx context.Context, tenant, id, key string, now time.Time) ([]byte, error) {
	found, err := redis.ByteSlices(s.do(ctx, "HMGET", s.execution(tenant, id), "expires", field(key)))
	if err != nil || found[0] == nil || found[1] == nil {
		return nil, err
	}
	expires, err := strconv.ParseInt(string(found[0]), 10, 64)
	if err != nil {
		return nil, fmt.Errorf("stored execution: %w", err)
	}
	if expires <= now.UnixMicro() {
		return nil, nil
	}
	return found[1], nil
}

// DeleteExpiredExecutions implements flow.Executions, for those here and those
// that the store below still has.
func (s *Store) DeleteExpiredExecutions(ctx context.Context, now time.Time) (int64, error) {
	below, err := s.Store.DeleteExpiredExecutions(ctx, now)
	if err != nil {
		return below, err
	}
	before := "(" + strconv.FormatInt(now.UnixMicro(), 10)
	keys, err := redis.Strings(s.do(ctx, "ZRANGEBYSCORE", s.expiring(), "-inf", before, "LIMIT", 0, purgeLimit))
	if err != nil || len(keys) == 0 {
		return below, err
	}
	args := []any{2 + len(keys), s.expiring(), s.counts()}
	for _, key := range keys {
		args = append(args, key)
	}
	n, err := redis.Int64(s.run(ctx, purgeScript, append(args, now.UnixMicro())...))
	return below + n, err
}
