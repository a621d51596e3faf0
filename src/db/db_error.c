/* SPDX-License-Identifier: Apache-2.0 */
/* From SQLite's numbers to our codes, in words that say what to do. */
#include <errno.h>

#include "base/err.h"
#include "db/db_internal.h"

/* What a number means; `hint` NULL: nothing that helps. */
struct meaning {
	int number; /* primary or extended; the first match from above counts */
	int code;
	const char *text;
	const char *hint;
};

static const char mount_hint[] =
	"Put the workspace on a disk of this machine: a network mount cannot hold it.";
static const char sharing_hint[] = "Check whether the disk is full.  If it is not, put the "
				   "workspace on a disk of this machine: a "
				   "network mount cannot hold it.";
/* Never "take another": without its ledger a migration does not know whom it moved. */
static const char damaged_hint[] = "Put a copy from before in its place.";
static const char run_again_hint[] = "See to it, then run the same command again.";

static const struct meaning meanings[] = {
	{SQLITE_FULL, RH_EIO, "the disk is full",
	 "Free some space, then run the same command again."},
	{SQLITE_IOERR_SHMOPEN, RH_EIO, "memory cannot be shared between processes there",
	 sharing_hint},
	{SQLITE_IOERR_SHMMAP, RH_EIO, "memory cannot be shared between processes there",
	 sharing_hint},
	{SQLITE_IOERR_SHMSIZE, RH_EIO, "there is no room for the file of shared memory",
	 run_again_hint},
	{SQLITE_IOERR_LOCK, RH_EIO, "files cannot be locked there", mount_hint},
	{SQLITE_IOERR_FSYNC, RH_EIO, "the disk did not confirm what was written", run_again_hint},
	{SQLITE_IOERR_SHORT_READ, RH_EMISMATCH, "the file is shorter than it says", damaged_hint},
	{SQLITE_IOERR_NOMEM, RH_ENOMEM, "out of memory", NULL},
	{SQLITE_IOERR, RH_EIO, "the disk or the file system reports a fault", run_again_hint},
	{SQLITE_READONLY_DBMOVED, RH_EIO, "the file was moved or removed meanwhile",
	 "Put it back, then run the same command again."},
	{SQLITE_READONLY, RH_EIO, "the file or its folder may not be written",
	 "Check who owns the folder and its files, and whether the disk is mounted for writing."},
	{SQLITE_CANTOPEN, RH_EIO, "the file cannot be opened",
	 "Check that the folder exists and that you may read and write it."},
	{SQLITE_PERM, RH_EIO, "access is not permitted",
	 "Check who owns the folder and its files."},
	{SQLITE_AUTH, RH_EIO, "access is not permitted",
	 "Check who owns the folder and its files."},
	{SQLITE_BUSY, RH_EIO, "another process writes to it",
	 "Wait for the other process to end, then run the same command again."},
	{SQLITE_LOCKED, RH_EIO, "this process still reads from it", NULL},
	{SQLITE_PROTOCOL, RH_EIO, "other processes kept its lock for too long",
	 "Wait for the other processes to end, then run the same command again."},
	{SQLITE_CORRUPT, RH_EMISMATCH, "the file is damaged, or is not a database", damaged_hint},
	{SQLITE_NOTADB, RH_EMISMATCH, "the file is not a database", damaged_hint},
	{SQLITE_NOMEM, RH_ENOMEM, "out of memory", NULL},
	{SQLITE_TOOBIG, RH_ELIMIT, "a value is too large", NULL},
	{SQLITE_INTERRUPT, RH_EINTERRUPTED, "interrupted", NULL},
	{SQLITE_SCHEMA, RH_EIO, "another process changed its tables meanwhile",
	 "Run the same command again."},
	{SQLITE_CONSTRAINT_UNIQUE, RH_EINTERNAL, "a value that must be there once is there twice",
	 NULL},
	{SQLITE_CONSTRAINT_PRIMARYKEY, RH_EINTERNAL, "a key that must be there once is there twice",
	 NULL},
	{SQLITE_CONSTRAINT_ROWID, RH_EINTERNAL, "a key that must be there once is there twice",
	 NULL},
	{SQLITE_CONSTRAINT_NOTNULL, RH_EINTERNAL, "a value that must be there is absent", NULL},
	{SQLITE_CONSTRAINT_CHECK, RH_EINTERNAL, "a value is outside of what its column allows",
	 NULL},
	{SQLITE_CONSTRAINT_FOREIGNKEY, RH_EINTERNAL, "what a value refers to is not there", NULL},
	{SQLITE_CONSTRAINT_DATATYPE, RH_EINTERNAL, "a value is not of its column's type", NULL},
	{SQLITE_CONSTRAINT, RH_EINTERNAL, "a rule of its tables would be broken", NULL},
};

int rh_db_fail(const struct rh_db *db, int number, const char *doing, struct rh_err *err)
{
	int code = RH_EINTERNAL;
	const char *text = sqlite3_errstr(number);
	const char *hint = NULL;

	/* Not every way of writing tells a full disk from a broken one by its number. */
	if ((number & 0xff) == SQLITE_IOERR && sqlite3_system_errno(db->handle) == ENOSPC) {
		number = SQLITE_FULL;
	}
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		if (meanings[i].number == number || meanings[i].number == (number & 0xff)) {
			code = meanings[i].code;
			text = meanings[i].text;
			hint = meanings[i].hint;
			break;
		}
	}
	(void)rh_err_set(err, code, "could not %s \"%s\": %s", doing, db->path, text);
	if (hint != NULL) {
		rh_err_hint(err, "%s", hint);
	}
	if (err != NULL) {
		err->system = number;
	}
	return code;
}
