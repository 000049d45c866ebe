/* What makes a used container as good as a new one; see clear.c. */
#ifndef BERTH_CLEAR_H
#define BERTH_CLEAR_H

/* Takes down what a new container looks like; to be called before the first server. */
void clear_remember(void);

/* Removes whatever servers have left. No process but the caller may run. NULL, or what could not be
 * made as it was: the container must not be used again then. */
const char *clear_all(void);

#endif
