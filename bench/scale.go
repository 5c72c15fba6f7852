package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
)

// filling is what is stored before measuring.
type filling struct{ executions, users int }

func (f filling) String() string {
	return whole(float64(f.executions)) + " executions, " + whole(float64(f.users)) + " users"
}

// fillings are the least and the most of what is compared, and one between.
func fillings(most int) []filling {
	return []filling{{10, 1000}, {min(10_000, most), 1000}, {most, most}}
}

// manyRows begins the names of what is measured so.
const manyRows = "many rows: "

// scaled are the workloads whose cost must not depend on what is stored.
func scaled(users int) []struct {
	name string
	load workload
	echo request
} {
	return []struct {
		name string
		load workload
		echo request
	}{
		{manyRows + "start of a flow", starting, toStart},
		{manyRows + "page to next page", paging, toNext},
		{manyRows + "registration, cheapest hash", registering, toStart},
		{manyRows + "a user by name", finding(users, "userName eq"), getting("/2")},
		{manyRows + "a user by a unique claim", finding(users, "emails.value eq"), getting("/2")},
		{manyRows + "users by the start of a claim", finding(users, "emails.value sw"), getting("/2")},
		{manyRows + "first page of users", asking(getting("/scim2/Users?count=20", asAdmin), `"totalResults":`), getting("/2")},
	}
}

// scale measures the same on servers that have stored different numbers of
// executions and users, by turns, each with a database of its own.
func (r *rig) scale(ctx context.Context) (err error) {
	var names []string
	for _, one := range scaled(0) {
		names = append(names, one.name)
	}
	if r.rows == 0 || !r.wants(names...) {
		return nil
	}
	sizes := fillings(r.rows)
	stocked, errs := make([][]*site, len(r.on)), make([]error, len(r.on))
	defer func() {
		for _, s := range slices.Concat(stocked...) {
			err = s.close(err)
		}
	}()
	var all sync.WaitGroup
	for i, on := range r.on {
		all.Go(func() { stocked[i], errs[i] = r.stock(ctx, on, sizes) })
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for _, sites := range stocked {
		for i, name := range names {
			if err := r.scaleOne(ctx, i, sites, sizes); err != nil {
				return fmt.Errorf("%s on %s: %w", name, sites[0].on, err)
			}
		}
	}
	return nil
}

// stock starts a server for each size and fills its database. What it returns
// is to be closed also where it failed.
func (r *rig) stock(ctx context.Context, on string, sizes []filling) (sites []*site, err error) {
	for _, size := range sizes {
		s, err := startSite(ctx, r.binary, on, cheapestHash...)
		if err != nil {
			return sites, err
		}
		sites = append(sites, s)
		note("store %v in %s", size, on)
		if err := errors.Join(publish(ctx, s.process, pagesFlow), fill(ctx, s, size)); err != nil {
			return sites, fmt.Errorf("store %v in %s: %w", size, on, err)
		}
	}
	return sites, nil
}

func (r *rig) scaleOne(ctx context.Context, i int, sites []*site, sizes []filling) error {
	name := scaled(0)[i].name
	if !r.wants(name) {
		return nil
	}
	note("%s on %s, %d connections", name, sites[0].on, several)
	var crowds []*crowd
	defer func() {
		for _, c := range crowds {
			c.dismiss()
		}
	}()
	answer := 0
	for j, s := range sites {
		load := scaled(sizes[j].users)[i].load
		size, err := sizeOf(ctx, s.process, load)
		if err != nil {
			return err
		}
		answer = size
		c, err := gather(ctx, r.dial, s.process, load, several)
		if err != nil {
			return err
		}
		crowds = append(crowds, c)
	}
	echo, err := gather(ctx, r.dial, r.echo, echoing(scaled(0)[i].echo, answer), several)
	if err != nil {
		return err
	}
	crowds = append(crowds, echo)
	sums, err := contest(ctx, r.rounds, r.length, nil, crowds...)
	if err != nil {
		return err
	}
	beside := sums[len(sums)-1].figures()
	for j, sum := range sums[:len(sizes)] {
		row := newComparison(name, several, sum.figures(), beside)
		row.Database, row.Stored = sites[j].on, sizes[j].String()
		if j > 0 {
			row.Echo = nil // shown once
		}
		r.found.Comparisons = append(r.found.Comparisons, row)
	}
	return nil
}

var looked atomic.Int64

// finding looks for one of the stored users after the other, all over the
// table, by a filter of one comparison (RFC 7644, 3.4.2.2).
func finding(users int, comparison string) workload {
	return func(caller) (unit, error) {
		return func(c caller) (string, error) {
			const prime = 7919 // so that neighbours are not asked for in turn
			n := int(looked.Add(1)) * prime % max(users, 1)
			filter := comparison + ` "` + markOf(n) + `@example.com"`
			a, err := c.do(getting("/scim2/Users?filter="+url.QueryEscape(filter), asAdmin))
			return expect(a, oneFound), err
		}, nil
	}
}

var oneFound = []byte(`"totalResults":1,`)

// mark is in whatever tells the sample user from others, in place of which
// stored users have one of the same length with their number.
const mark = "sample0000000"

func markOf(n int) string { return "sample" + strconv.Itoa(1_000_000 + n + 1)[:7] }
