// What the example does, and what it needs of the machine that it runs on.
#ifndef LEARNING_H
#define LEARNING_H

// Runs it; 0 if all went well.
int learn(void);

// Writes some text.
void put(const char *text);

#endif
