//go:build blackbox

package blackbox

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"usher/store/postgres/postgrestest/cluster"
)

// fullDisk is a node on a PostgreSQL some of whose files are on a small disk.
type fullDisk struct {
	*server
	db *cluster.Cluster
	// waiting are the pages of people who have not submitted them, or were refused.
	waiting map[string]*answer
	// completed are the names of people whose COMPLETE arrived.
	completed []string
}

// onSmallDisk starts one, with so many people at their first page.
func onSmallDisk(t *testing.T, part cluster.Part, size, waiting int) *fullDisk {
	t.Helper()
	db, err := cluster.StartSmall(part, size)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Log(err) // it was told to go
		}
	})
	s := launchNodes(t, 1, db.Address("postgres"), "USHER_LOG_LEVEL=warn")[0]
	d := &fullDisk{server: s, db: db, waiting: map[string]*answer{}}
	for i := range waiting {
		d.waiting[fmt.Sprintf("waiting%d@example.com", i)] = s.begin(t, "REGISTRATION")
	}
	s.register(t, "before@example.com", "MyP@ssw0rd!").ok(t, "COMPLETE")
	d.completed = append(d.completed, "before@example.com")
	return d
}

// unready returns when /readyz is 503 and says so. Meanwhile flows are started;
// what is refused is refused in the words of the contract.
func (d *fullDisk) unready(t *testing.T, says string) {
	t.Helper()
	eventually(t, time.Minute, "/readyz is 503", func() bool {
		a := d.execute(t, object{"flowType": "REGISTRATION"})
		if a.status != http.StatusOK {
			a.refused(t, http.StatusInternalServerError, "FE-65013")
		}
		status, said := d.readiness()
		return status == http.StatusServiceUnavailable && said == says
	})
}

// submit has everybody submit who waits, and returns how many were refused.
func (d *fullDisk) submit(t *testing.T) int {
	t.Helper()
	for name, page := range d.waiting {
		if a := d.execute(t, submission(page.FlowID, name, "MyP@ssw0rd!")); a.status == http.StatusOK {
			a.ok(t, "COMPLETE")
			d.completed = append(d.completed, name)
			delete(d.waiting, name)
		} else {
			a.refused(t, http.StatusInternalServerError, "FE-65013")
		}
	}
	return len(d.waiting)
}

// goesOn holds that whoever was refused gets there by repeating it, that everybody
// is there once, and nobody else or in part. A crash may have taken an answer and
// left its commit: that execution has ended.
func (d *fullDisk) goesOn(t *testing.T, crashed bool) {
	t.Helper()
	d.awaitReady(t)
	for name, page := range d.waiting {
		eventually(t, 40*time.Second, "the execution goes on", func() bool {
			a := d.execute(t, submission(page.FlowID, name, "MyP@ssw0rd!"))
			return crashed && a.Code == "FE-60001" || !a.busy(t) && a.ok(t, "COMPLETE") != nil
		})
		d.completed = append(d.completed, name)
	}
	for _, name := range d.completed {
		if users := d.countUsers(t, name); users != 1 || !d.signsIn(t, name, "MyP@ssw0rd!") {
			t.Errorf("%s: %d users, or cannot sign in", name, users)
		}
	}
	for what, statement := range map[string]string{
		"users":     `SELECT count(*) - 1 FROM users`, // the administrator
		"passwords": `SELECT count(*) - 1 FROM credentials`,
	} {
		if got := query(t, d.db.Address("postgres"), statement); got[0] != fmt.Sprint(len(d.completed)) {
			t.Errorf("%s: %s, want %d", what, got[0], len(d.completed))
		}
	}
}

// TestFullDisk fills the disk that PostgreSQL has its tables on. What finds no
// room is answered 500 and leaves nothing behind, /readyz and the log say why,
// and everything goes on by itself when there is room.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	d := onSmallDisk(t, cluster.Tables, 96<<20, 60)
	if err := d.db.Fill(); err != nil {
		t.Fatal(err)
	}
	const full = "the disk of the database is full"
	d.unready(t, full)
	if refused := d.submit(t); refused == 0 {
		t.Error("everybody found room")
	} else {
		t.Logf("%d of 60 were refused", refused)
	}
	if log := d.log(t); !strings.Contains(log, full) || !strings.Contains(log, "No space left on device") || !strings.Contains(log, "trace_id") {
		t.Errorf("the log does not say why:\n%s", tail(log, 1000))
	}
	if status, _ := d.readiness(); status != http.StatusServiceUnavailable {
		t.Error("it is ready though nothing has changed")
	}
	if err := d.db.Free(); err != nil {
		t.Fatal(err)
	}
	d.goesOn(t, false)
}

// TestFullLogDisk fills the disk that PostgreSQL has its log on, which ends it.
// To the node that is an outage as any other: 500, and 503 for /readyz; with room
// again, and PostgreSQL started, nobody is lost.
func TestFullLogDisk(t *testing.T) {
	t.Parallel()
	d := onSmallDisk(t, cluster.Log, 80<<20, 12)
	time.Sleep(walDelay) // a crash may take back what is younger
	if err := d.db.Fill(); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	ended := make(chan error, 1)
	go func() { ended <- writeLog(t, d.db.Address("postgres"), stop) }()
	d.unready(t, "the database does not answer")
	close(stop)
	if err := <-ended; err == nil {
		t.Error("PostgreSQL has written its log to a disk that is full")
	}
	if refused := d.submit(t); refused == 0 {
		t.Error("nobody was refused")
	}
	if err := errors.Join(d.db.Stop(cluster.Immediate), d.db.Free(), d.db.Resume()); err != nil {
		t.Fatal(err)
	}
	d.goesOn(t, true)
}

// writeLog has PostgreSQL write its log until it fails, or is told to stop.
func writeLog(t *testing.T, address string, stop chan struct{}) error {
	c, err := pgx.Connect(t.Context(), address)
	if err != nil {
		return err
	}
	defer c.Close(t.Context())
	for {
		select {
		case <-stop:
			return nil
		default:
		}
		if _, err := c.Exec(t.Context(), `SELECT pg_logical_emit_message(false, '', repeat('.', 100000))`); err != nil {
			return err
		}
	}
}
