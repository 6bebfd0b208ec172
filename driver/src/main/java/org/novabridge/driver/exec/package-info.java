/**
 * Commands and their executor, the only code that starts processes. Depends on nothing of ours.
 */
@NullMarked
package org.novabridge.driver.exec;

import org.jspecify.annotations.NullMarked;
