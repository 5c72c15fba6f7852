//go:build blackbox

package blackbox

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestHostileBodies holds that no body, however odd, gets anything but a clear
// 4xx, and that the server is as well as before.
func TestHostileBodies(t *testing.T) {
	t.Parallel()
	s := launch(t)
	inputs := func(value string) string { return `{"flowType":"REGISTRATION","inputs":` + value + `}` }
	for name, test := range map[string]struct {
		body string
		code string // "" for any
	}{
		"nothing":              {"", "FE-60007"},
		"blank":                {" \r\n\t", "FE-60007"},
		"null":                 {"null", ""},
		"array":                {`[{"flowType":"REGISTRATION"}]`, "FE-60007"},
		"text":                 {`"REGISTRATION"`, "FE-60007"},
		"number":               {"1e999", "FE-60007"},
		"not JSON":             {"flowType=REGISTRATION", "FE-60007"},
		"cut off":              {`{"flowType":"REGISTRATION"`, "FE-60007"},
		"cut off in a text":    {`{"flowType":"REGI`, "FE-60007"},
		"trailing garbage":     {`{"flowType":"REGISTRATION"}x`, "FE-60007"},
		"two documents":        {`{"flowType":"REGISTRATION"}{"flowType":"REGISTRATION"}`, "FE-60007"},
		"comment":              {`{"flowType":"REGISTRATION"/* */}`, "FE-60007"},
		"byte order mark":      {"\ufeff" + `{"flowType":"REGISTRATION"}`, "FE-60007"},
		"UTF-16":               {"{\x00\"\x00f\x00", "FE-60007"},
		"duplicate key":        {`{"flowType":"REGISTRATION","flowType":"PASSWORD_RECOVERY"}`, "FE-60007"},
		"duplicate key, cased": {`{"flowType":"REGISTRATION","FLOWTYPE":"PASSWORD_RECOVERY"}`, "FE-60007"},
		"duplicate input":      {inputs(`{"email":"a@example.com","email":"b@example.com"}`), "FE-60007"},
		"unknown field":        {`{"flowType":"REGISTRATION","role":"admin"}`, "FE-60007"},
		"flowType number":      {`{"flowType":7}`, "FE-60007"},
		"flowType array":       {`{"flowType":["REGISTRATION"]}`, "FE-60007"},
		"flowId object":        {`{"flowId":{"$ne":""}}`, "FE-60007"},
		"actionId array":       {`{"flowType":"REGISTRATION","actionId":[]}`, "FE-60007"},
		"inputs text":          {inputs(`"email"`), "FE-60007"},
		"inputs array":         {inputs(`[` + strings.Repeat(`1,`, 20000) + `1]`), "FE-60007"},
		"inputs number":        {inputs(`1`), "FE-60007"},
		"invalid UTF-8":        {inputs("{\"email\":\"\xff\xfe@example.com\"}"), "FE-60007"},
		"overlong UTF-8":       {inputs("{\"email\":\"\xc0\xaf@example.com\"}"), "FE-60007"},
		"invalid UTF-8 key":    {inputs("{\"\xff\":\"x\"}"), "FE-60007"},
		"NUL":                  {inputs("{\"email\":\"a\x00@example.com\"}"), "FE-60007"},
		"lone surrogate":       {inputs(`{"email":"\ud800@example.com"}`), "FE-60007"},
		"deep arrays":          {inputs(`{"email":` + strings.Repeat("[", 30000)), "FE-60007"},
		"deep closed arrays":   {inputs(`{"email":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`), "FE-60007"},
		"deep objects":         {strings.Repeat(`{"inputs":`, 5000) + "1" + strings.Repeat("}", 5000), "FE-60007"},
		"200 kB":               {inputs(`{"email":"` + strings.Repeat("a", 200_000) + `"}`), "FE-60007"},
		"200 kB of space":      {strings.Repeat(" ", 200_000) + `{"flowType":"REGISTRATION"}`, "FE-60007"},
		"5 MB":                 {strings.Repeat("[", 5_000_000), "FE-60007"},
		"long flowType":        {`{"flowType":"` + strings.Repeat("REGISTRATION", 4000) + `"}`, ""},
		"long flowId":          {`{"flowId":"` + strings.Repeat("c8e06de8", 4000) + `"}`, "FE-60001"},
		"flowId of SQL":        {`{"flowId":"' OR 1=1 --"}`, "FE-60001"},
		"flowId of NUL":        {`{"flowId":"\u0000"}`, ""},
		"flowType of markup":   {`{"flowType":"<script>alert(1)</script>"}`, "FE-60103"},
	} {
		a := s.postRaw(t, executePath, "application/json", test.body)
		s.clear4xx(t, name, a)
		if test.code != "" && a.Code != test.code {
			t.Errorf("%s: got %v, want %s", name, a, test.code)
		}
		if tooLarge := len(test.body) > 64<<10; tooLarge != (a.status == http.StatusRequestEntityTooLarge) {
			t.Errorf("%s (%d bytes): got %d", name, len(test.body), a.status)
		}
	}
	s.unharmed(t)
}

// TestHostileInputs holds that no value breaks a page: what a person might have
// typed comes back as the page, the rest as a 4xx.
func TestHostileInputs(t *testing.T) {
	t.Parallel()
	s := launch(t)
	for name, value := range map[string]any{
		"null": nil, "array": []any{"a@example.com"}, "object": object{"$gt": ""}, "nested": object{"a": []any{object{}}},
		"true": true, "number": 1e300, "NUL": "a\x00@example.com", "line breaks": "a@example.com\r\nBcc: b@example.com",
		"long": strings.Repeat("a", 30_000) + "@example.com", "markup": "<img src=x onerror=alert(1)>", "SQL": "'; DROP TABLE users; --",
		"template": "{{.}} ${jndi:ldap://x}", "controls": "\x01\x02\x1b[2J", "right to left": "\u202ea@example.com", "path": "../../etc/passwd",
		"comma": "a@example.com,b@example.com", "semicolon": "a@example.com;b@example.com",
	} {
		for _, key := range []string{"email", "password", "otp", "http://wso2.org/claims/emailaddress", "http://wso2.org/claims/userid", "x\x00y", ""} {
			first := s.begin(t, "REGISTRATION")
			inputs := object{"email": "kim@example.com", "password": "MyP@ssw0rd!"}
			inputs[key] = value
			a := s.execute(t, object{"flowId": first.FlowID, "actionId": "submit-registration", "inputs": inputs})
			if a.status >= 500 || (a.status >= 300 && a.status < 400) {
				t.Errorf("%s in %q: got %v", name, key, a)
			}
		}
		page := s.begin(t, "PASSWORD_RECOVERY")
		body := page.fill(t, "")
		body["inputs"] = object{page.input(t): value}
		if a := s.execute(t, body); a.status >= 500 {
			t.Errorf("%s as user name: got %v", name, a)
		}
	}
	s.unharmed(t)
}

// TestHostileRequests holds the same for what is around the body.
func TestHostileRequests(t *testing.T) {
	t.Parallel()
	s := launch(t)
	const body = `{"flowType":"REGISTRATION"}`
	for _, kind := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", "a/b/c", ";"} {
		a := s.postRaw(t, executePath, kind, body)
		s.clear4xx(t, "Content-Type "+kind, a)
	}
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete, http.MethodPatch, "BREW"} {
		request, err := http.NewRequest(method, s.url(executePath), strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		a, err := s.send(request)
		if err != nil {
			t.Fatal(err)
		}
		s.clear4xx(t, method, a)
		if a.status != http.StatusMethodNotAllowed || a.header.Get("Allow") == "" {
			t.Errorf("%s: got %v, Allow %q", method, a, a.header.Get("Allow"))
		}
	}
	for _, path := range []string{
		"/t/nobody" + executePath, "/t/" + executePath, "/t/%00" + executePath, "/t/..%2f..%2fetc" + executePath,
		"/t/" + strings.Repeat("x", 5000) + executePath, executePath + "/more", "/nowhere", "/%zz", "//", "/scim2/%2e%2e/",
	} {
		a := s.raw(t, "POST "+path+" HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 27\r\nConnection: close\r\n\r\n"+body)
		if a.status/100 != 4 && a.status/100 != 3 {
			t.Errorf("%.60s: got %v", path, a)
		}
	}
	// What net/http itself refuses has no body of ours.
	for name, request := range map[string]string{
		"giant header":      "POST " + executePath + " HTTP/1.1\r\nHost: x\r\nX-Long: " + strings.Repeat("x", 3<<20) + "\r\n\r\n",
		"many headers":      "POST " + executePath + " HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("X-Many: 1\r\n", 200_000) + "\r\n",
		"no host":           "POST " + executePath + " HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}",
		"two lengths":       "POST " + executePath + " HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
		"negative length":   "POST " + executePath + " HTTP/1.1\r\nHost: x\r\nContent-Length: -2\r\n\r\n{}",
		"header with break": "POST " + executePath + " HTTP/1.1\r\nHost: x\r\nX-A\x00: b\r\n\r\n",
		"no HTTP":           "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
	} {
		if a := s.raw(t, request); a.status != 0 && a.status/100 != 4 {
			t.Errorf("%s: got %v", name, a)
		}
	}
	// A key is not a place to keep things.
	for _, key := range []string{strings.Repeat("k", 60_000), "\x01", "ключ"} {
		a := s.raw(t, "POST "+executePath+" HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nIdempotency-Key: "+key+"\r\nContent-Length: 27\r\nConnection: close\r\n\r\n"+body)
		if a.status >= 500 {
			t.Errorf("Idempotency-Key %.20q: got %v", key, a)
		}
	}
	s.unharmed(t)
}

// TestHostileManagement holds the same for the APIs behind credentials.
func TestHostileManagement(t *testing.T) {
	t.Parallel()
	s := launch(t)
	const config, users = managePath + "/config", "/scim2/Users"
	for _, test := range []struct{ method, path, body string }{
		{"PUT", managePath, ""},
		{"PUT", managePath, "null"},
		{"PUT", managePath, "[]"},
		{"PUT", managePath, `{"flowType":"REGISTRATION"}`},
		{"PUT", managePath, `{"flowType":"REGISTRATION","steps":` + strings.Repeat("[", 50_000)},
		{"PUT", managePath, `{"flowType":"REGISTRATION","steps":[{"id":"a","type":"VIEW","data":` + strings.Repeat(`{"components":[`, 3000)},
		{"PUT", managePath, "{\"flowType\":\"REGISTRATION\",\"steps\":[{\"id\":\"\xff\"}]}"},
		{"PUT", managePath, `{"flowType":"REGISTRATION","steps":[` + strings.Repeat(`{"id":"a","type":"END"},`, 20_000) + `{"id":"a","type":"END"}]}`},
		{"GET", managePath + "?flowType=NONE", ""},
		{"GET", managePath, ""},
		{"GET", managePath + "?flowType=%00", ""},
		{"GET", managePath + "/meta?flowType=", ""},
		{"PATCH", config, `{}`},
		{"PATCH", config, `{"flowType":"REGISTRATION","flowCompletionConfigs":{"isAutoLoginEnabled":"foo"}}`},
		{"PATCH", config, `{"flowType":"REGISTRATION","flowCompletionConfigs":{"isEverythingAllowed":"true"}}`},
		{"POST", users, ""},
		{"POST", users, `{"userName":7}`},
		{"POST", users, `{"schemas":[],"userName":"\u0000"}`},
		{"POST", users, strings.Repeat("[", 60_000)},
		{"GET", users + "?filter=" + strings.Repeat("(", 5000), ""},
		{"GET", users + "?filter=" + strings.Repeat("not%20(", 2000), ""},
		{"GET", users + "?filter=userName%20eq", ""},
		{"GET", users + "?filter=userName%20eq%20%22%00", ""},
		{"GET", users + "?filter=%27%20OR%201=1", ""},
		{"GET", users + "?sortBy=%27%3BDROP", ""},
		{"GET", users + "/%27%20OR%201=1", ""},
		{"GET", users + "/" + strings.Repeat("x", 5000), ""},
		{"PATCH", users + "/none", `{"Operations":[]}`},
		{"DELETE", users + "/none", ""},
		{"POST", "/api/users/v1/offline-invite-link", `{"username":{}}`},
		{"POST", "/api/users/v1/offline-invite-link", ""},
	} {
		var body any
		if test.method != "GET" && test.method != "DELETE" {
			body = []byte(test.body)
		}
		if a := s.admin(t, test.method, test.path, body); a.status/100 != 4 || len(a.raw) == 0 {
			t.Errorf("%s %.80s %.60q: got %v", test.method, test.path, test.body, a)
		}
	}
	s.unharmed(t)
}

// TestSlowClients holds that a client who sends nothing, or a byte now and then,
// is cut off, and that one who stops half way is answered.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	s := launch(t)
	head := "POST " + executePath + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
	for name, test := range map[string]struct{ first, then string }{
		"says nothing":     {"", ""},
		"trickling header": {head, "X-Slow: 1\r\n"},
		"trickling body":   {head + "Content-Length: 60000\r\n\r\n{", " "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := s.dial(t)
			io.WriteString(conn, test.first)
			begun := time.Now()
			go func() {
				for {
					time.Sleep(500 * time.Millisecond)
					if _, err := io.WriteString(conn, test.then); err != nil {
						return
					}
				}
			}()
			conn.SetReadDeadline(time.Now().Add(60 * time.Second))
			answer, err := io.ReadAll(conn)
			if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
				t.Fatalf("still connected after %v", time.Since(begun))
			}
			if len(answer) > 0 && !bytes.HasPrefix(answer, []byte("HTTP/1.1 4")) {
				t.Errorf("got %.80q", answer)
			}
			t.Logf("cut off after %v with %.12q", time.Since(begun).Round(time.Millisecond), answer)
		})
	}
	t.Run("half closed", func(t *testing.T) {
		t.Parallel()
		// A client that closed its half may be taken for one that has gone.
		for body, want := range map[string]*regexp.Regexp{
			`{"flowType":"REGISTRATION"}`: regexp.MustCompile(`^HTTP/1\.1 (200|499) [^{]+\{.*"(flowId|traceId)":`),
			`{"flowType":`:                regexp.MustCompile(`^HTTP/1\.1 4\d\d [^{]+\{.*"traceId":`),
		} {
			conn := s.dial(t)
			fmt.Fprintf(conn, "%sContent-Length: 27\r\nConnection: close\r\n\r\n%s", head, body)
			conn.(*net.TCPConn).CloseWrite()
			conn.SetReadDeadline(time.Now().Add(20 * time.Second))
			answer, err := io.ReadAll(conn)
			if err != nil || !want.Match(answer) {
				t.Errorf("%s: got %q, %v", body, answer, err)
			}
		}
	})
	// Meanwhile everybody else is served.
	for range 20 {
		s.begin(t, "REGISTRATION")
	}
}

// clear4xx fails the test unless the answer is a 4xx that says what is wrong.
func (s *server) clear4xx(t *testing.T, name string, a *answer) {
	t.Helper()
	if a.status/100 != 4 || a.Code == "" || a.Message == "" || a.Description == "" || a.TraceID == "" {
		t.Errorf("%s: got %v, want a 4xx with code, message, description and traceId", name, a)
	}
}

// unharmed fails the test unless the server still does its work and never
// panicked on the way.
func (s *server) unharmed(t *testing.T) {
	t.Helper()
	s.register(t, "unharmed@example.com", "MyP@ssw0rd!")
	if log := s.log(t); strings.Contains(log, "panic") || strings.Contains(log, "goroutine ") {
		t.Errorf("the log tells of a panic:\n%s", tail(log, 4000))
	}
}

func (s *server) postRaw(t *testing.T, path, contentType, body string) *answer {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, s.url(path), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	a, err := s.send(request)
	if err != nil {
		t.Fatalf("%.60q: %v", body, err)
	}
	return a
}

func (s *server) dial(t *testing.T) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// raw writes bytes to a connection of their own and reads one answer; its status
// is 0 where the server only closed.
func (s *server) raw(t *testing.T, request string) *answer {
	t.Helper()
	conn := s.dial(t)
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	go io.WriteString(conn, request)
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
			t.Fatalf("%.60q: no answer", request)
		}
		return &answer{}
	}
	defer response.Body.Close()
	a := &answer{status: response.StatusCode, header: response.Header}
	a.raw, _ = io.ReadAll(response.Body)
	return a
}
