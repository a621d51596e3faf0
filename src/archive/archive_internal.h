/* SPDX-License-Identifier: Apache-2.0 */
/* Names and numbers that the writer and the reader of an archive share. */
#ifndef ARCHIVE_ARCHIVE_INTERNAL_H
#define ARCHIVE_ARCHIVE_INTERNAL_H

#include "archive/archive.h"
#include "crypto/digest.h"
#include "crypto/seal.h"

#define RH_ARCHIVE_FORMAT "rehome archive"
#define RH_ARCHIVE_VERSION 1
#define RH_ARCHIVE_MANIFEST "manifest.json"
/* Behind the name of a file that is sealed. */
#define RH_ARCHIVE_SEALED ".sealed"
/* What the probe says when the secret is right (A3). */
#define RH_ARCHIVE_PROBE "rehome archive probe"

/* "users.ndjson.zst"; NULL: the kind has no file. */
const char *rh_archive_file_name(enum rh_kind kind);

#endif
