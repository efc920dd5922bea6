package main

import "os"

// inContainer tells whether the program runs in a container of Podman or a pod of Kubernetes, which say so. What forwards ports to it can
// have everybody come from its own address there, as that of rootless Podman does. Docker's does not.
func inContainer(env func(string) string, exists func(name string) bool) bool {
	return env("container") == "podman" || exists("/run/.containerenv") || env("KUBERNETES_SERVICE_HOST") != ""
}

// exists tells whether there is a file of a name.
func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}
