package main

import "testing"

// Each way in which a container says that it is one is enough.
func TestContainersAreKnown(t *testing.T) {
	for _, is := range []string{"", "container", "KUBERNETES_SERVICE_HOST", "/run/.containerenv"} {
		env := func(name string) string {
			if name == is {
				return "podman"
			}
			return ""
		}
		if got := inContainer(env, func(name string) bool { return name == is }); got != (is != "") {
			t.Errorf("%q: %v", is, got)
		}
	}
}
