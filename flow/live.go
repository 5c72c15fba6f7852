package flow

import (
	"context"
	"errors"
)

// LiveUses returns every place of the tenant's live flow of the type that runs
// an executor; none where there is no such flow. found is where versions are.
func LiveUses(ctx context.Context, found interface {
	FindDefinition(ctx context.Context, tenant string, t Type, number int64) (*Version, error)
}, tenant string, t Type,
) ([]Use, error) {
	v, err := found.FindDefinition(ctx, tenant, t, 0)
	if errors.Is(err, ErrNoDefinition) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	d, err := ParseDefinition(v.Document)
	if err != nil {
		return nil, err
	}
	return d.Uses(), nil
}
