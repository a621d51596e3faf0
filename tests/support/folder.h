/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of a test's own, gone with all it holds when the test ends. */
#ifndef SUPPORT_FOLDER_H
#define SUPPORT_FOLDER_H

/* Makes a folder below TMPDIR or /tmp and gives its path; fails the test if it cannot. */
char *test_folder_new(void);
/* Removes it with what it holds, and frees the path; accepts NULL. */
void test_folder_free(char *path);
/* "<folder>/<name>", in the caller's hands: free it with free(). */
char *test_folder_path(const char *folder, const char *name);

#endif
