// The interface between the example and the machine that it runs on.
#ifndef LEARNING_H
#define LEARNING_H

// Runs the example; returns 0 on success.
int learn(void);

// Writes a text.
void put(const char *text);

#endif
