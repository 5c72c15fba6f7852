package sandbox

import (
	"usher/connection"
	"usher/connection/extension"
)

// extensionEndpoint is where extensions are, below their issuer.
const extensionEndpoint = "extension"

// extensionAnswer is what extensions answer: the flow goes on, and nothing
// changes. What theirs would answer nobody knows who has not called it.
var extensionAnswer = map[string]string{"actionStatus": "SUCCESS"}

// playExtension makes c an extension that answers in the place of theirs. It
// has the same ID, which definitions call it by, and is told and may change the
// same; of one that cannot be read, or is not there, nothing.
func playExtension(c, theirs *connection.Connection) {
	played := extension.Extension{Endpoint: extension.Endpoint{URI: issuerAt(c.ID) + "/" + extensionEndpoint, Auth: extension.None}}
	if e, err := extension.Of(theirs); err == nil {
		played.Expose, played.Modify = unencrypted(e.Expose), unencrypted(e.Modify)
	}
	played.Put(c)
	c.ID = theirs.ID
}

// unencrypted are the paths as they travel within a process.
func unencrypted(paths []extension.Path) []extension.Path {
	list := make([]extension.Path, 0, len(paths))
	for _, p := range paths {
		list = append(list, extension.Path{Path: p.Path})
	}
	return list
}
