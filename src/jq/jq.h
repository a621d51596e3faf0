/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program in the language jq, applied to one record at a time, in a process that can do nothing else.
 *
 *  J1. The program runs in a child with no environment, no descriptor but the one over which it is asked and
 *      answers, no core, no new privileges, and a filter of the kernel (seccomp) that lets it read, write, have memory,
 *      ask the time, draw numbers and end.  It can open no file, make no connection, start no process, send no signal.  Where the
 *      filter cannot be had, no program is run.  Where main has called rh_jq_main, the child is the same program started
 *      anew: nothing is in its memory but the jq program and the records that it is asked about.  Else it is a fork, whose
 *      memory is a copy of its parent's, keys included: jq gives no program a way to it, but a hole in libjq does.
 *  J2. One record may burn RH_JQ_CPU_MS of processor time and the child may grow by RH_JQ_MEMORY bytes; else the child
 *      ends, and the fate of the record says so.  The next record gets a new child.  A child that somebody else has
 *      killed is no fault of the record: it is tried once more.
 *  J3. After RH_JQ_ENDED_MAX records in a row that have ended the child, rh_jq_run fails: it would be so with all.
 *  J4. What the program says when it fails may hold values of the record, so it is cut to words that jq itself uses.
 *  J5. It belongs to the process that started it.  In a fork of that process the first record starts another child.
 *  J6. The same record gives the same answer, unless the program asks for the time.
 */
#ifndef JQ_JQ_H
#define JQ_JQ_H

#include <rehome/types.h>

struct rh_buf;
struct rh_jq;

#define RH_JQ_CPU_MS 1000 /* of one record; what a table cannot say takes 0.03 */
#define RH_JQ_MEMORY (512UL * 1024 * 1024)
#define RH_JQ_ENDED_MAX 5

/* What came of a record. */
enum rh_jq_fate {
	RH_JQ_OBJECT,    /* exactly one: it is in `out` */
	RH_JQ_NOTHING,   /* `empty` */
	RH_JQ_SEVERAL,   /* more than one value */
	RH_JQ_NO_OBJECT, /* one value, of another type */
	RH_JQ_FAILED,    /* an error of the program; `out` has words of it, or nothing */
	RH_JQ_TOO_LONG,  /* J2 */
	RH_JQ_ENDED,     /* J2: memory, or a fault of jq */
	RH_JQ_FATES,
};

/* For the first line of main (J1).  In a child it does not return. */
void rh_jq_main(int argc, char **argv);

/* Starts a child, which compiles the program.  RH_OK; RH_EINPUT: jq does not take it, err says why; RH_EIO: no child
 * that is confined; RH_ENOMEM. */
RH_NODISCARD int rh_jq_start(struct rh_jq **out, struct rh_str program, struct rh_err *err);
void rh_jq_end(struct rh_jq *jq); /* accepts NULL */
/* `record` is JSON text; `out` is emptied first.  RH_OK; RH_EINPUT: J3; RH_EIO; RH_ENOMEM, RH_ELIMIT: of `out`. */
RH_NODISCARD int rh_jq_run(struct rh_jq *jq, struct rh_str record, struct rh_buf *out,
			   enum rh_jq_fate *fate, struct rh_err *err);

#endif
