/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The main job through the library: an export on disk becomes users at the target, everybody once.
 *
 *     cc migrate.c $(pkg-config --cflags --libs rehome) -o migrate
 *     WORKOS_API_KEY=sk_test_... ./migrate users.ndjson users.csv
 *
 * There is no question before it writes: a program asks in its own way.
 */
#include <rehome/rehome.h>

#include <inttypes.h>
#include <stdio.h>

static int failed(const char *what, const struct rh_err *err)
{
	fprintf(stderr, "%s: %s\n%s%s", what, err->message, err->hint,
		err->hint[0] != '\0' ? "\n" : "");
	return 1;
}

static void show(void *context, const struct rh_progress *progress)
{
	(void)context;
	fprintf(stderr, "\r%" PRIu64 " of %" PRIu64, progress->done, progress->total);
}

static int set_up(struct rh_migration *migration, char **paths, struct rh_err *err)
{
	int code = rh_migration_set(migration, "from", "clerk", err);

	if (code == RH_OK) {
		code = rh_migration_set(migration, "to", "workos", err);
	}
	for (; code == RH_OK && *paths != NULL; paths++) {
		code = rh_migration_set(migration, "file", *paths, err);
	}
	return code == RH_OK ? rh_migration_set_from_environment(migration, err) : code;
}

static int run(struct rh_migration *migration, char **paths)
{
	struct rh_plan_counts plan;
	struct rh_run_counts counts;
	struct rh_finding_group group;
	struct rh_err err = {0};

	if (set_up(migration, paths, &err) != RH_OK) {
		return failed("setting up", &err);
	}
	if (rh_migration_plan(migration, NULL, &plan, &err) != RH_OK) {
		return failed("planning", &err);
	}
	printf("%" PRIu64 " records: %" PRIu64 " to create, %" PRIu64 " there already, %" PRIu64
	       " refused\n",
	       plan.total, plan.create, plan.skip + plan.done, plan.refuse);
	for (size_t i = 0; rh_migration_finding(migration, i, &group); i++) {
		printf("  %s %6" PRIu64 "  %s; %s\n", group.info->id, group.count, group.info->what,
		       group.info->then);
	}
	rh_migration_on_progress(migration, show, NULL);
	if (rh_migration_apply(migration, &counts, &err) != RH_OK) {
		return failed("\napplying (run it again to go on)", &err);
	}
	printf("\n%" PRIu64 " created\n", counts.created_now);
	if (rh_migration_verify(migration, &counts, &err) != RH_OK) {
		return failed("verifying", &err);
	}
	printf("\n%" PRIu64 " verified, %" PRIu64 " differ, %" PRIu64 " missing\n", counts.verified,
	       counts.differs, counts.missing);
	return (int)rh_run_exit(RH_OK, &counts);
}

int main(int argc, char **argv)
{
	struct rh_migration *migration;
	struct rh_err err = {0};
	int code;

	if (argc < 2) {
		fprintf(stderr, "usage: %s EXPORT...\n", argv[0]);
		return 2;
	}
	if (rh_migration_new(&migration, &err) != RH_OK) {
		return failed("starting", &err);
	}
	code = run(migration, argv + 1);
	rh_migration_free(migration);
	return code;
}
