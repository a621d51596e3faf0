/* SPDX-License-Identifier: Apache-2.0 */
/* Words that every public header uses: text with a length, error codes, the error detail, time. */
#ifndef REHOME_TYPES_H
#define REHOME_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Marks what the shared library exports; everything else is hidden. */
#if defined(__GNUC__)
#define RH_API __attribute__((visibility("default")))
#define RH_NODISCARD __attribute__((warn_unused_result))
#define RH_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define RH_API
#define RH_NODISCARD
#define RH_PRINTF(fmt, args)
#endif

/*
 * Text with a length, borrowed: whoever made it says how long it lives.  Inside the house it is valid
 * UTF-8 without NUL.  Absent is ptr == NULL; empty is ptr != NULL and len == 0; they are not the same.
 */
struct rh_str {
	const char *ptr;
	size_t len; /* bytes */
};

/*
 * Code, name, text of every error of a run.  The fate of a single record is never an error of this kind;
 * it is an outcome (see connector.h) or a finding (see rehome.h).
 */
#define RH_ERROR_MAP(X)                               \
	X(ENOMEM, -1, "out of memory")                \
	X(EINVAL, -2, "invalid argument")             \
	X(EINPUT, -3, "invalid input")                \
	X(ELIMIT, -4, "limit exceeded")               \
	X(EIO, -5, "input or output failed")          \
	X(ENET, -6, "network failed")                 \
	X(EDENIED, -7, "access denied")               \
	X(EMISMATCH, -8, "belongs to something else") \
	X(ESTATE, -9, "not possible in this state")   \
	X(EUNSUPPORTED, -10, "not supported")         \
	X(EINTERRUPTED, -11, "interrupted")           \
	X(EINTERNAL, -12, "internal error")           \
	X(ECONSENT, -13, "consent is missing")        \
	X(EUSAGE, -14, "usage or configuration")

enum rh_error {
	RH_OK = 0,
#define RH_ERROR_ENUM(name, value, text) RH_##name = (value),
	RH_ERROR_MAP(RH_ERROR_ENUM)
#undef RH_ERROR_ENUM
};

/* Detail of an error, by value in the caller's hands; no allocation.  Positions are 1-based, 0 = none. */
struct rh_err {
	int code;        /* enum rh_error */
	int system;      /* errno or a library's number; 0 = none */
	uint64_t line;   /* of the input */
	uint64_t column; /* bytes within the line */
	uint64_t record; /* record number of the input */
	/* lower case, no full stop, names what and why; never a secret or a person */
	char message[384];
	char hint[256]; /* full sentences: what to do; may be empty */
};

/* Text of a code from RH_ERROR_MAP; "ok" for RH_OK; never NULL. */
RH_API const char *rh_error_text(int code);

/* Moments are microseconds since 1970-01-01T00:00:00Z; 0 = not set. */
typedef int64_t rh_time;

#ifdef __cplusplus
}
#endif

#endif
