/* SPDX-License-Identifier: Apache-2.0 */
/* What may stand next on a command line, for the completion of shells. */
#ifndef CLI_COMPLETE_H
#define CLI_COMPLETE_H

/* `words`: those behind "rehome", the last one begun (it may be empty).  Prints one candidate a line; none:
 * the shell completes names of files.  The exit code. */
int rh_complete(int count, char **words);

#endif
