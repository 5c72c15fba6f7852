package portal

import "sync"

// Pages come from the definitions of flows, of which there are few, and the
// same bytes come again and again; what they are read into is kept.
const (
	maxTrees     = 256
	maxTreesSize = 8 << 20 // bytes of components
)

// trees keeps what components were read into. The zero value is empty and
// ready; it is safe for concurrent use.
type trees struct {
	mu   sync.RWMutex
	kept map[string]*tree
	size int
}

// get returns the tree of the components, read being called the first time.
func (c *trees) get(components []byte, read func([]byte) (*tree, error)) (*tree, error) {
	c.mu.RLock()
	t := c.kept[string(components)]
	c.mu.RUnlock()
	if t != nil {
		return t, nil
	}
	t, err := read(components)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.kept) >= maxTrees || c.size+len(components) > maxTreesSize || c.kept == nil {
		c.kept, c.size = map[string]*tree{}, 0 // what is in use comes back at once
	}
	c.kept[string(components)] = t
	c.size += len(components)
	return t, nil
}
