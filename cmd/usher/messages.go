package main

import (
	"fmt"
	"log/slog"
	"time"

	"usher/config"
	"usher/httpapi/outboxapi"
	"usher/notify"
	"usher/notify/file"
	"usher/notify/sms"
	"usher/notify/smtp"
	"usher/outbound"
	"usher/store"
)

// smsTimeout bounds one text message; nobody waits for it.
const smsTimeout = 30 * time.Second

// newWorker returns the worker that delivers what is queued: through the
// providers of the settings, to files where there is none.
func newWorker(c *config.Config, st store.Store, made *parts, log *slog.Logger, now func() time.Time, watch eyes) (*notify.Worker, error) {
	folder := file.New(c.InData("outbox"))
	senders := map[notify.Channel]notify.Sender{notify.Email: folder, notify.SMS: folder}
	if c.SMTPURL != "" {
		mail, err := smtp.New(c.SMTPURL, c.MailFrom)
		if err != nil {
			return nil, fmt.Errorf("--smtp-url (USHER_SMTP_URL), --mail-from (USHER_MAIL_FROM): %w", err)
		}
		senders[notify.Email] = mail
	}
	if c.SMSURL != "" {
		text, err := sms.New(c.SMSURL, c.SMSToken, watch.client(outbound.Config{AnyNetwork: true, Timeout: smsTimeout}))
		if err != nil {
			return nil, fmt.Errorf("--sms-url (USHER_SMS_URL): %w", err)
		}
		senders[notify.SMS] = text
	}
	return notify.NewWorker(notify.WorkerConfig{
		Outbox: st, Box: made.Outbox, Senders: senders, Words: made.Words, Now: now, Log: log, Watch: watch.message,
	}), nil
}

// delivery says where newWorker's worker takes messages.
func delivery(c *config.Config) outboxapi.Delivery {
	d := outboxapi.Delivery{Email: outboxapi.ToFiles, SMS: outboxapi.ToFiles}
	if c.SMTPURL != "" {
		d.Email = outboxapi.ToServer
	}
	if c.SMSURL != "" {
		d.SMS = outboxapi.ToGateway
	}
	if d.Email == outboxapi.ToFiles || d.SMS == outboxapi.ToFiles {
		d.Folder = c.InData("outbox")
	}
	return d
}
