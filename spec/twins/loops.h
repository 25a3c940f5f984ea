/*
 * Loops for the preprocessor, which has none. LOOP(n, join, rule, more) writes, for n from 1 to 5,
 *
 *     rule(0, more) join rule(1, more) join ... join rule(n - 1, more)
 *
 * where join is an operator, or empty. A macro is not expanded inside of itself, hence LOOP2 to LOOP5 for loops in loops.
 */
#define GLUE_(a, b) a##b
#define GLUE(a, b) GLUE_(a, b)

#define LOOP(n, ...) GLUE(LOOP_, n)(__VA_ARGS__)
#define LOOP_1(join, rule, ...) rule(0, ##__VA_ARGS__)
#define LOOP_2(join, rule, ...) LOOP_1(join, rule, ##__VA_ARGS__) join rule(1, ##__VA_ARGS__)
#define LOOP_3(join, rule, ...) LOOP_2(join, rule, ##__VA_ARGS__) join rule(2, ##__VA_ARGS__)
#define LOOP_4(join, rule, ...) LOOP_3(join, rule, ##__VA_ARGS__) join rule(3, ##__VA_ARGS__)
#define LOOP_5(join, rule, ...) LOOP_4(join, rule, ##__VA_ARGS__) join rule(4, ##__VA_ARGS__)

#define LOOP2(n, ...) GLUE(LOOP2_, n)(__VA_ARGS__)
#define LOOP2_1(join, rule, ...) rule(0, ##__VA_ARGS__)
#define LOOP2_2(join, rule, ...) LOOP2_1(join, rule, ##__VA_ARGS__) join rule(1, ##__VA_ARGS__)
#define LOOP2_3(join, rule, ...) LOOP2_2(join, rule, ##__VA_ARGS__) join rule(2, ##__VA_ARGS__)
#define LOOP2_4(join, rule, ...) LOOP2_3(join, rule, ##__VA_ARGS__) join rule(3, ##__VA_ARGS__)
#define LOOP2_5(join, rule, ...) LOOP2_4(join, rule, ##__VA_ARGS__) join rule(4, ##__VA_ARGS__)

#define LOOP3(n, ...) GLUE(LOOP3_, n)(__VA_ARGS__)
#define LOOP3_1(join, rule, ...) rule(0, ##__VA_ARGS__)
#define LOOP3_2(join, rule, ...) LOOP3_1(join, rule, ##__VA_ARGS__) join rule(1, ##__VA_ARGS__)
#define LOOP3_3(join, rule, ...) LOOP3_2(join, rule, ##__VA_ARGS__) join rule(2, ##__VA_ARGS__)
#define LOOP3_4(join, rule, ...) LOOP3_3(join, rule, ##__VA_ARGS__) join rule(3, ##__VA_ARGS__)
#define LOOP3_5(join, rule, ...) LOOP3_4(join, rule, ##__VA_ARGS__) join rule(4, ##__VA_ARGS__)

#define LOOP4(n, ...) GLUE(LOOP4_, n)(__VA_ARGS__)
#define LOOP4_1(join, rule, ...) rule(0, ##__VA_ARGS__)
#define LOOP4_2(join, rule, ...) LOOP4_1(join, rule, ##__VA_ARGS__) join rule(1, ##__VA_ARGS__)
#define LOOP4_3(join, rule, ...) LOOP4_2(join, rule, ##__VA_ARGS__) join rule(2, ##__VA_ARGS__)
#define LOOP4_4(join, rule, ...) LOOP4_3(join, rule, ##__VA_ARGS__) join rule(3, ##__VA_ARGS__)
#define LOOP4_5(join, rule, ...) LOOP4_4(join, rule, ##__VA_ARGS__) join rule(4, ##__VA_ARGS__)

#define LOOP5(n, ...) GLUE(LOOP5_, n)(__VA_ARGS__)
#define LOOP5_1(join, rule, ...) rule(0, ##__VA_ARGS__)
#define LOOP5_2(join, rule, ...) LOOP5_1(join, rule, ##__VA_ARGS__) join rule(1, ##__VA_ARGS__)
#define LOOP5_3(join, rule, ...) LOOP5_2(join, rule, ##__VA_ARGS__) join rule(2, ##__VA_ARGS__)
#define LOOP5_4(join, rule, ...) LOOP5_3(join, rule, ##__VA_ARGS__) join rule(3, ##__VA_ARGS__)
#define LOOP5_5(join, rule, ...) LOOP5_4(join, rule, ##__VA_ARGS__) join rule(4, ##__VA_ARGS__)
