package e2e

import (
	"fmt"
	"testing"
	"time"
)

// onlyUsers is a server that nobody may use without a name: ann may play the film, studio may publish and play at stage.
func onlyUsers(t *testing.T) []string {
	t.Helper()
	return config(t, fmt.Sprintf(`
anonymous: []
users:
  - { name: ann, password: %q, allow: [ { do: read, path: demo.mp4 } ] }
  - { name: studio, password: %[1]q, allow: [ { do: [publish, read], path: "stage/*" } ] }
`, password))
}

// asked is that the page asks for a name, with a button of these words.
func asked(button string) string {
	return fmt.Sprintf(`document.getElementById("login").checkVisibility() && document.querySelector("#login button").textContent == %q && document.activeElement.name == "user"`, button)
}

// AUT-10: who may not play this can log in as somebody else; who has failed too often reads why and how long, and can log
// in when that is over.
func TestPageLetsAnotherLogIn(t *testing.T) {
	_, base := site(t, onlyUsers(t)...)
	b := chromium(t)
	b.open(base + "/play/demo.mp4")
	b.click("Play")
	b.until("it asks", asked("Log in"), 5*time.Second)
	b.login("studio", password)
	b.until("it says no", `document.getElementById("status").textContent.includes("does not allow it") && `+asked("Log in as another"), 5*time.Second)
	b.shot("forbidden", 1000, 800)

	for i := range 4 { // three are free
		b.login("ann", "wrong")
		sentence := map[bool]string{true: "password is wrong", false: "too many failed logins. Try again after 1 s."}[i < 3]
		b.until("it says "+sentence, fmt.Sprintf(`document.getElementById("status").textContent.includes(%q) && `, sentence)+asked("Log in"), 5*time.Second)
	}
	b.shot("too-often", 1000, 800)
	b.until("the wait is over", `new Promise(r => setTimeout(() => r(true), 1100))`, 5*time.Second)
	b.login("ann", password)
	b.until("it plays", `baton.player.state == "playing"`, 5*time.Second)
}

// AUT-01: who publishes from the page is asked for a name too, and it is published at once then.
func TestPagePublishesAsAUser(t *testing.T) {
	s, base := site(t, onlyUsers(t)...)
	b := chromium(t, "use-fake-device-for-media-stream", "use-fake-ui-for-media-stream")
	b.open(base + "/play/stage/door")
	b.press("details.publish > summary")
	b.click("Camera")
	b.until("it asks", asked("Log in"), 5*time.Second)
	b.shot("publish-asks", 1000, 1000)
	b.login("ann", password)
	b.until("it says no", `document.getElementById("publishing").textContent.includes("does not allow it") && `+asked("Log in as another"), 5*time.Second)
	b.login("studio", password)
	b.until("it is published", `/^Publishing \d/.test(document.getElementById("publishing").textContent)`, 15*time.Second)
	if picture, _ := streams(t, s.withUser("studio", password, "/stage/door")); picture.Width != 640 {
		t.Errorf("the picture is read as %+v", picture)
	}
	b.click("Stop publishing")
	b.until("it stopped", `document.getElementById("publishing").textContent == "It is no longer published."`, 5*time.Second)
}
