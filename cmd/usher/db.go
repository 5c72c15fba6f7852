package main

type dbCommands struct {
	Backup backupCommand `cmd:"" help:"Copy the database while it is used."`
	Copy   dbCopyCommand `cmd:"" help:"Copy everything from one database to another, from SQLite to PostgreSQL or back."`
}
