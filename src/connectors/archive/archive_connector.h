/* SPDX-License-Identifier: Apache-2.0 */
/* The neutral archive as a source: its connector's instance, and a record as it stands in its files. */
#ifndef CONNECTORS_ARCHIVE_ARCHIVE_CONNECTOR_H
#define CONNECTORS_ARCHIVE_ARCHIVE_CONNECTOR_H

#include <rehome/connector.h>

struct archive_instance {
	const char *passphrase; /* secret; NULL: none */
	const char *key_file;   /* path; NULL: none */
};

extern const struct rh_connector rh_connector_archive;

#endif
