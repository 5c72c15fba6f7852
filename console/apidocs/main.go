// Command apidocs writes the OpenAPI documents of our APIs, complete, into a
// folder: what scripts/console-types makes the types of the console from.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"usher/httpapi/openapi"
)

func main() {
	if err := write(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "apidocs:", err)
		os.Exit(1)
	}
}

func write(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("one argument is needed, the folder to write to")
	}
	for _, d := range openapi.Documents() {
		if err := os.WriteFile(filepath.Join(args[0], d.Name+".json"), d.JSON, 0o600); err != nil {
			return err
		}
	}
	return nil
}
