package portal

import "sync"

// memory keeps what is costly to make. It forgets everything once it has most
// entries: what is in use comes back at once. The zero value is empty and
// ready; it is safe for concurrent use.
type memory[K comparable, V any] struct {
	mu   sync.RWMutex
	kept map[K]V
}

// get returns what is kept under the key, made the first time; what fails is
// not kept. Two may make the same at the same time.
func (m *memory[K, V]) get(key K, most int, made func() (V, error)) (V, error) {
	m.mu.RLock()
	v, ok := m.kept[key]
	m.mu.RUnlock()
	if ok {
		return v, nil
	}
	v, err := made()
	if err != nil {
		return v, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if first, ok := m.kept[key]; ok {
		return first, nil
	}
	if len(m.kept) >= most || m.kept == nil {
		m.kept = map[K]V{}
	}
	m.kept[key] = v
	return v, nil
}

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
