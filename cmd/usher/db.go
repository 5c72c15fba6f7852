package main

type dbCommands struct {
	Backup backupCommand `cmd:"" help:"Copy the database while it is used."`
}
