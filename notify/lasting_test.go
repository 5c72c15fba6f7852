package notify_test

import (
	"testing"
	"time"

	"usher/notify"
)

func TestLasting(t *testing.T) {
	t.Parallel()
	for life, want := range map[time.Duration]string{
		time.Second: "1", 45 * time.Second: "1", 5 * time.Minute: "5", 90 * time.Minute: "90",
	} {
		if got := notify.Lasting(life, time.Minute); got != want {
			t.Errorf("%v: %s minutes, want %s", life, got, want)
		}
	}
	if got := notify.Lasting(time.Minute, time.Hour); got != "1" {
		t.Errorf("a minute is %s hours", got)
	}
}
