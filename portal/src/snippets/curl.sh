curl {{URL}}/api/v1/telemetry -H 'Authorization: Bearer {{TOKEN}}' -d '{"temperature": 21.5}'
