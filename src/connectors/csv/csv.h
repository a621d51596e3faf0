/* SPDX-License-Identifier: Apache-2.0 */
/* Any file whose columns or members are known by their names, or by a mapping document of the user. */
#ifndef CONNECTORS_CSV_CSV_H
#define CONNECTORS_CSV_CSV_H

#include <rehome/connector.h>

extern const struct rh_connector rh_connector_csv;

/* The mapping document of names that are known without one. */
extern const char csv_synonyms[];
/* More of them, for drafts alone. */
extern const char csv_draft_names[];

/* csv_sample.c; contract: struct rh_connector. */
int csv_sample(const struct rh_sample_options *options, const struct rh_sample_out *out,
	       struct rh_err *err);
extern const struct rh_sample_trouble csv_sample_troubles[];

enum csv_shape {
	CSV_SHAPE_KNOWN = 1, /* names that are known */
	CSV_SHAPE_MAPPED,    /* what the user's document recognises */
};

#endif
