package tributary.gateway.http;

import java.nio.charset.StandardCharsets;
import java.util.List;

/// A part of a body that cannot be a reading.
///
/// @param index which element of a batch or which line, counted from 0
record Rejection(int index, String reason) {
    /// @return `,"rejected":[...]`, to go on behind another member
    static byte[] json(List<Rejection> rejections) {
        StringBuilder text = new StringBuilder(",\"rejected\":[");
        for (int i = 0; i < rejections.size(); i++) {
            text.append(i == 0 ? "" : ",")
                    .append("{\"index\":")
                    .append(rejections.get(i).index())
                    .append(",\"reason\":")
                    .append(Problem.quote(rejections.get(i).reason()))
                    .append('}');
        }
        return text.append(']').toString().getBytes(StandardCharsets.UTF_8);
    }
}
