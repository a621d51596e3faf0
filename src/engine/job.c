/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs and their lists. */
#include "engine/job.h"

#include "base/alloc.h"
#include "base/limits.h"

struct rh_job *rh_job_new(void)
{
	struct rh_job *job = rh_calloc(1, sizeof(*job));

	if (job != NULL) {
		rh_arena_init(&job->arena, RH_OPERATION_MAX, RH_ARENA_WIPE);
	}
	return job;
}

void rh_job_clear(struct rh_job *job)
{
	struct rh_arena arena = job->arena;
	struct rh_json json = job->json;

	rh_arena_reset(&arena);
	*job = (struct rh_job){.arena = arena, .json = json};
}

void rh_job_free(struct rh_job *job)
{
	rh_arena_done(&job->arena);
	rh_json_done(&job->json);
	rh_free(job);
}

void rh_job_list_push(struct rh_job_list *list, struct rh_job *job)
{
	job->next = NULL;
	job->previous = list->last;
	if (list->last != NULL) {
		list->last->next = job;
	} else {
		list->first = job;
	}
	list->last = job;
	list->count++;
}

void rh_job_list_push_front(struct rh_job_list *list, struct rh_job *job)
{
	job->previous = NULL;
	job->next = list->first;
	if (list->first != NULL) {
		list->first->previous = job;
	} else {
		list->last = job;
	}
	list->first = job;
	list->count++;
}

/* Behind `after`; NULL: in front. */
static void list_insert(struct rh_job_list *list, struct rh_job *after, struct rh_job *job)
{
	if (after == NULL) {
		rh_job_list_push_front(list, job);
		return;
	}
	if (after == list->last) {
		rh_job_list_push(list, job);
		return;
	}
	job->previous = after;
	job->next = after->next;
	after->next->previous = job;
	after->next = job;
	list->count++;
}

void rh_job_list_insert_by_time(struct rh_job_list *list, struct rh_job *job)
{
	struct rh_job *after = list->last;

	while (after != NULL && after->at > job->at) {
		after = after->previous;
	}
	list_insert(list, after, job);
}

/* The newest goes to the end; what goes on or is sent again is among the oldest: that search starts in front. */
void rh_job_list_insert_by_order(struct rh_job_list *list, struct rh_job *job)
{
	struct rh_job *before = list->first;

	if (list->last == NULL || list->last->order <= job->order) {
		rh_job_list_push(list, job);
		return;
	}
	while (before != NULL && before->order < job->order) {
		before = before->next;
	}
	list_insert(list, before != NULL ? before->previous : list->last, job);
}

void rh_job_list_remove(struct rh_job_list *list, struct rh_job *job)
{
	if (job->previous != NULL) {
		job->previous->next = job->next;
	} else {
		list->first = job->next;
	}
	if (job->next != NULL) {
		job->next->previous = job->previous;
	} else {
		list->last = job->previous;
	}
	job->next = NULL;
	job->previous = NULL;
	list->count--;
}

void rh_job_list_done(struct rh_job_list *list)
{
	while (list->first != NULL) {
		struct rh_job *job = list->first;
		rh_job_list_remove(list, job);
		rh_job_free(job);
	}
}
