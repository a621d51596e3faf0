/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names that must not be called, made into errors; force-included before every file of src/.  The headers
 * that declare them come first, so that the declarations stay whole.  scripts/check-banned.sh knows more,
 * and knows which folder is an exception.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define RH_BANNED(name, instead) name##_is_banned_use_##instead

/* No bound on what they write, or a missing end. */
#undef strcpy
#define strcpy(to, from) RH_BANNED(strcpy, rh_buf)
#undef strcat
#define strcat(to, from) RH_BANNED(strcat, rh_buf)
#undef strncpy
#define strncpy(to, from, n) RH_BANNED(strncpy, rh_buf)
#undef strncat
#define strncat(to, from, n) RH_BANNED(strncat, rh_buf)
#undef sprintf
#define sprintf(...) RH_BANNED(sprintf, snprintf_or_rh_buf_printf)
#undef vsprintf
#define vsprintf(...) RH_BANNED(vsprintf, vsnprintf)

/* Hidden state, or errors that cannot be told from results. */
#undef strtok
#define strtok(text, set) RH_BANNED(strtok, rh_str_cut)
#undef strtol
#define strtol(...) RH_BANNED(strtol, rh_str_to_i64)
#undef strtoul
#define strtoul(...) RH_BANNED(strtoul, rh_str_to_u64)
#undef strtoll
#define strtoll(...) RH_BANNED(strtoll, rh_str_to_i64)
#undef strtoull
#define strtoull(...) RH_BANNED(strtoull, rh_str_to_u64)
#undef atoi
#define atoi(text) RH_BANNED(atoi, rh_str_to_i64)
#undef atol
#define atol(text) RH_BANNED(atol, rh_str_to_i64)
#undef atof
#define atof(text) RH_BANNED(atof, rh_str_to_double)
#undef gmtime
#define gmtime(time) RH_BANNED(gmtime, gmtime_r)
#undef localtime
#define localtime(time) RH_BANNED(localtime, rh_time_format)
#undef ctime
#define ctime(time) RH_BANNED(ctime, rh_time_format)
#undef asctime
#define asctime(time) RH_BANNED(asctime, rh_time_format)

/* A race, a wait that nothing can wake, a shell. */
#undef mktemp
#define mktemp(path) RH_BANNED(mktemp, mkostemp)
#undef sleep
#define sleep(seconds) RH_BANNED(sleep, the_loop)
#undef usleep
#define usleep(microseconds) RH_BANNED(usleep, the_loop)
#undef system
#define system(command) RH_BANNED(system, nothing)
#undef popen
#define popen(command, mode) RH_BANNED(popen, nothing)

#endif
