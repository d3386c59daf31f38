// Package version tells which version of a module a program was built from.
package version

import (
	"fmt"
	"runtime/debug"
)

// Of returns `module version` as the linker recorded it.
func Of(module string) string {
	info, _ := debug.ReadBuildInfo()
	for _, dependency := range info.Deps {
		if dependency.Path == module {
			return fmt.Sprint(module, " ", dependency.Version)
		}
	}
	return fmt.Sprint(module, " is not in this program")
}
